// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Speed of the entropy coding of the Hyperprior codec on a GPU, stage by stage, beside the CPU.
//
//   hyperprior-cuda-bench MODEL [REPEAT [DEVICE]]
//
// Hyper-latents are drawn from the model's tables, and latents as the hyper-synthesis says, for
// planes of 257x1536 and 3222x6144. Median times in milliseconds; those of stages are by the GPU's
// clock, and the entropy encoder's has the waiting for its results in it. No networks run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "codecs/hyperprior/cuda/cuda_backend.h"
#include "codecs/hyperprior/cuda/device_choice.h"
#include "codecs/hyperprior/export.h"
#include "codecs/hyperprior/latents.h"

namespace {

using namespace feat::hyperprior;
using Clock = std::chrono::steady_clock;

struct Content {
  int height = 0;
  int width = 0;
  std::vector<float> z;
  std::vector<float> y;
  FloatMap z_map;
  FloatMap y_map;
};

// Of what -kMaxHyperLatent to kMaxHyperLatent cost by a table.
std::discrete_distribution<int> distribution(const feat::rans::Tables &tables, int table) {
  std::vector<double> shares;
  for (int v = -kMaxHyperLatent; v <= kMaxHyperLatent; ++v)
    shares.push_back(std::exp2(-tables.bits(table, v)));
  return {shares.begin(), shares.end()};
}

// Padded to whole blocks, as a picture is.
Content make_content(const EntropyModel &model, int height, int width) {
  const ModelDescription &d = model.model().description();
  const auto padded = [&](int side) {
    return (side + d.alignment - 1) / d.alignment * d.alignment;
  };
  const LatentSizes sizes(d, padded(width), padded(height));
  Content c{height, width, {}, {}, {}, {}};
  std::mt19937 rng(1);
  std::normal_distribution<float> normal;
  std::vector<std::discrete_distribution<int>> channels_of_z;
  for (int k = 0; k < d.hyper_latents; ++k)
    channels_of_z.push_back(distribution(model.z_tables(), k));
  std::vector<int32_t> z(sizes.z_count);
  for (size_t i = 0; i < z.size(); ++i)
    z[i] = channels_of_z[i % channels_of_z.size()](rng) - kMaxHyperLatent;
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  model.predict(z, sizes.z_height, sizes.z_width, 1, tables, means);
  const std::vector<double> scales = scale_table();
  const auto channels = static_cast<size_t>(d.latents);
  const size_t places = sizes.y_count / channels;
  c.y.resize(sizes.y_count);
  for (size_t p = 0; p < places; ++p)
    for (size_t k = 0; k < channels; ++k) {
      const size_t i = p * channels + k;
      const float mean = means.empty() ? 0.0F : static_cast<float>(means[i]) / kOutputScale;
      c.y[k * places + p] = mean + static_cast<float>(scales[tables[i]]) * normal(rng);
    }
  const auto z_channels = static_cast<size_t>(d.hyper_latents);
  const size_t z_places = sizes.z_count / z_channels;
  c.z.resize(sizes.z_count);
  for (size_t i = 0; i < z.size(); ++i)
    c.z[i % z_channels * z_places + i / z_channels] = static_cast<float>(z[i]);
  c.z_map = {c.z.data(), d.hyper_latents, sizes.z_height, sizes.z_width};
  c.y_map = {c.y.data(), d.latents, sizes.y_height, sizes.y_width};
  return c;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// The first call takes memory, and does not count.
template <class Work>
double measure(int repeat, const Work &work) {
  std::vector<double> times;
  for (int i = 0; i <= repeat; ++i) {
    const auto start = Clock::now();
    if (!work(i > 0)) std::exit(1);
    const std::chrono::duration<double, std::milli> taken = Clock::now() - start;
    if (i > 0) times.push_back(taken.count());
  }
  return median(times);
}

bool told(bool good, const BackendError &error) {
  if (!good) std::fprintf(stderr, "hyperprior-cuda-bench: %s\n", error.text);
  return good;
}

// What one direction takes, on the CPU and on the GPU.
template <class OnCpu, class OnGpu>
void report(const char *name, int repeat, const CudaBackend &cuda, const OnCpu &on_cpu,
            const OnGpu &on_gpu) {
  const double cpu_ms = measure(std::min(repeat, 5), [&](bool) { return on_cpu(); });
  std::vector<std::string> order;
  std::map<std::string, std::vector<double>> stages;
  const double gpu_ms = measure(repeat, [&](bool counts) {
    if (!on_gpu()) return false;
    for (const StageClock::Stage &stage : cuda.stages()) {
      if (stages.find(stage.name) == stages.end()) order.push_back(stage.name);
      if (counts || stages[stage.name].empty()) stages[stage.name].push_back(stage.milliseconds);
    }
    return true;
  });
  std::printf("  %-22s %9.3f ms   (CPU, one thread: %.3f ms)\n", name, gpu_ms, cpu_ms);
  for (const std::string &stage : order)
    std::printf("    %-20s %9.3f ms\n", stage.c_str(), median(stages[stage]));
}

void run(const std::shared_ptr<const EntropyModel> &model, CudaBackend &cuda, int repeat,
         int height, int width) {
  const Content c = make_content(*model, height, width);
  CpuBackend cpu(model);
  CodedLatents coded;
  CodedLatents cpu_coded;
  BackendError error;
  const std::vector<float> gains = model->gains(0);
  FloatMap map;
  std::printf("%dx%d\n", height, width);
  std::fflush(stdout);
  report(
      "encode", repeat, cuda,
      [&] { return told(cpu.encode(c.y_map, c.z_map, true, cpu_coded, error), error); },
      [&] { return told(cuda.encode(c.y_map, c.z_map, true, coded, error), error); });
  const auto decode = [&](EntropyBackend &backend) {
    return told(backend.decode(cpu_coded, c.z_map.height, c.z_map.width, gains.data(), map, error),
                error);
  };
  report(
      "decode", repeat, cuda, [&] { return decode(cpu); }, [&] { return decode(cuda); });
  const bool same =
      std::equal(coded.y, coded.y + coded.y_bytes, cpu_coded.y, cpu_coded.y + cpu_coded.y_bytes);
  std::printf("  %zu + %zu bytes, %s\n", coded.z_bytes, coded.y_bytes,
              same ? "the same as the CPU's" : "NOT THE SAME as the CPU's");
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "hyperprior-cuda-bench MODEL [REPEAT [DEVICE]]\n");
    return 1;
  }
  std::string wrong;
  const int device = choose_device(argc > 3 ? argv[3] : "auto", wrong);
  if (device < 0) {
    std::fprintf(stderr, "hyperprior-cuda-bench: %s\n", wrong.c_str());
    return 1;
  }
  std::ifstream stream(argv[1], std::ios::binary);
  const std::vector<uint8_t> file{std::istreambuf_iterator<char>(stream),
                                  std::istreambuf_iterator<char>()};
  Status status;
  const std::shared_ptr<const Model> loaded = Model::load(file, status);
  const auto model = loaded ? EntropyModel::create(loaded, status) : nullptr;
  if (!model) {
    std::fprintf(stderr, "hyperprior-cuda-bench: %s: %s\n", argv[1], status.message.c_str());
    return 1;
  }
  const int repeat = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 50;
  try {
    CudaBackend cuda(model, device);
    cuda.measure_stages();
    run(model, cuda, repeat, 257, 1536);
    run(model, cuda, std::min(repeat, 10), 3222, 6144);
  } catch (const CudaFailure &failure) {
    std::fprintf(stderr, "hyperprior-cuda-bench: %s\n", failure.text.c_str());
    return 1;
  }
  return 0;
}
