// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The backend on a GPU, or on what stands for one (serial_runtime.h), beside that on the CPU.
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

#include "codecs/hyperprior/cuda/cuda_backend.h"
#include "codecs/hyperprior/cuda/device_choice.h"
#include "codecs/hyperprior/cuda/lanes_that_pay.h"
#include "codecs/rans/chunk_list.h"
#include "tests/unit/hyperprior_nets.h"

namespace feat::hyperprior::test {
namespace {

std::shared_ptr<const EntropyModel> default_model() {
  std::ifstream stream(HYPERPRIOR_DEFAULT_MODEL, std::ios::binary);
  return load_entropy({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()});
}

struct Map {
  std::vector<float> values;
  FloatMap view;

  Map(int channels, int height, int width, float amplitude, uint32_t seed) {
    values.resize(static_cast<size_t>(channels) * static_cast<size_t>(height) *
                  static_cast<size_t>(width));
    for (size_t i = 0; i < values.size(); ++i) {
      const float even = noise(static_cast<uint32_t>(i) + seed);
      values[i] = amplitude * even * even * even;
    }
    view = {values.data(), channels, height, width};
  }
  Map(const Map &) = delete;
};

std::vector<uint8_t> bytes_of(const uint8_t *data, size_t size) {
  return {data, data + size};
}

// Lanes of all chunks.
uint64_t lanes_of(const CodedLatents &coded, size_t count) {
  rans::ChunkList list;
  std::string error;
  EXPECT_TRUE(list.read({coded.y, coded.y_bytes}, count, error)) << error;
  return list.all_lanes();
}

// Encodes and decodes with both. Returns the lanes of the latents' chunks.
uint64_t expect_same(const std::shared_ptr<const EntropyModel> &model, CudaBackend &cuda,
                     int z_height, int z_width, float amplitude, bool weigh) {
  const ModelDescription &d = model->model().description();
  const int ratio = d.hyper_stride / d.latent_stride;
  const Map y(d.latents, z_height * ratio, z_width * ratio, amplitude, 1);
  const Map z(d.hyper_latents, z_height, z_width, 30, 2);
  CpuBackend cpu(model);
  CodedLatents expected;
  CodedLatents coded;
  BackendError error;
  EXPECT_TRUE(cpu.encode(y.view, z.view, weigh, expected, error)) << error.text;
  EXPECT_TRUE(cuda.encode(y.view, z.view, weigh, coded, error)) << error.text;
  EXPECT_EQ(bytes_of(coded.z, coded.z_bytes), bytes_of(expected.z, expected.z_bytes));
  EXPECT_EQ(bytes_of(coded.y, coded.y_bytes), bytes_of(expected.y, expected.y_bytes));
  EXPECT_NEAR(cuda.bits().y, cpu.bits().y, 1e-6 * cpu.bits().y);
  EXPECT_DOUBLE_EQ(cuda.bits().z, cpu.bits().z);
  const std::vector<float> gains = model->gains(17 % model->step_codes());
  FloatMap there;
  FloatMap here;
  EXPECT_TRUE(cpu.decode(expected, z_height, z_width, gains.data(), here, error)) << error.text;
  EXPECT_TRUE(cuda.decode(expected, z_height, z_width, gains.data(), there, error)) << error.text;
  EXPECT_EQ(there.channels, here.channels);
  EXPECT_EQ(there.height, here.height);
  EXPECT_EQ(there.width, here.width);
  EXPECT_EQ(std::vector<float>(there.data, there.data + y.values.size()),
            std::vector<float>(here.data, here.data + y.values.size()));
  return lanes_of(expected, y.values.size());
}

TEST(CudaBackend, ShapesAndSizes) {
  for (const ModelParts &parts : models_of_shapes()) {
    const auto model = load_entropy(parts.file());
    ASSERT_TRUE(model);
    CudaBackend cuda(model, 0);
    EXPECT_STREQ(cuda.device(), "cuda:0");
    bool few = false;
    bool many = false;
    for (const auto &[height, width] : {std::pair{1, 3}, {5, 1}, {12, 17}})
      for (const float amplitude : {0.3F, 3000.0F}) {
        SCOPED_TRACE(testing::Message() << height << "x" << width << ", " << amplitude);
        const uint64_t lanes = expect_same(model, cuda, height, width, amplitude, height % 2 == 1);
        (lanes < kLanesThatPay ? few : many) = true;
      }
    EXPECT_TRUE(few);
    EXPECT_TRUE(many);
  }
}

TEST(CudaBackend, DefaultModel) {
  const auto model = default_model();
  ASSERT_TRUE(model);
  CudaBackend cuda(model, 0);
  cuda.measure_stages();
  EXPECT_GE(expect_same(model, cuda, 7, 9, 30, true), kLanesThatPay);
  EXPECT_EQ(cuda.stages().size(), 6U);
}

// Far from what the model says: the words of escapes do not fit.
TEST(CudaBackend, EscapesWithoutRoom) {
  const auto model = load_entropy(small_model().file());
  ASSERT_TRUE(model);
  CudaBackend cuda(model, 0);
  EXPECT_GE(expect_same(model, cuda, 12, 17, 1e6F, true), kLanesThatPay);
}

TEST(CudaBackend, ValuesThatAreNoNumbers) {
  const auto model = load_entropy(small_model().file());
  CudaBackend cuda(model, 0);
  Map y(kLatents, 2, 2, 10, 1);
  Map z(kHyperLatents, 1, 1, 10, 1);
  CodedLatents coded;
  BackendError error;
  y.values[77] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(cuda.encode(y.view, z.view, true, coded, error));
  EXPECT_STREQ(error.text, kNoNumber);
  y.values[77] = 0;
  z.values[1] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(cuda.encode(y.view, z.view, true, coded, error));
  EXPECT_STREQ(error.text, kNoNumber);
  EXPECT_FALSE(error.damaged);
}

TEST(CudaBackend, DamageIsFoundWhereTheCpuFindsIt) {
  const auto model = load_entropy(small_model().file());
  CudaBackend cuda(model, 0);
  CpuBackend cpu(model);
  for (const float amplitude : {3.0F, 4000.0F}) {
    const Map y(kLatents, 24, 24, amplitude, 1);
    const Map z(kHyperLatents, 12, 12, 30, 2);
    CodedLatents coded;
    BackendError error;
    ASSERT_TRUE(cpu.encode(y.view, z.view, true, coded, error));
    const std::vector<uint8_t> y_bytes = bytes_of(coded.y, coded.y_bytes);
    const std::vector<uint8_t> z_bytes = bytes_of(coded.z, coded.z_bytes);
    const std::vector<float> gains = model->gains(0);
    constexpr int kPlaces = 6;
    int damaged = 0;
    const auto expect_same_verdict = [&](const std::vector<uint8_t> &z_now,
                                         const std::vector<uint8_t> &y_now) {
      const CodedLatents now = {z_now.data(), z_now.size(), y_now.data(), y_now.size()};
      FloatMap here;
      FloatMap there;
      BackendError cpu_error;
      BackendError cuda_error;
      const bool right = cpu.decode(now, 12, 12, gains.data(), here, cpu_error);
      ASSERT_EQ(cuda.decode(now, 12, 12, gains.data(), there, cuda_error), right);
      EXPECT_STREQ(cuda_error.text, cpu_error.text);
      EXPECT_EQ(cuda_error.damaged, cpu_error.damaged);
      damaged += !right;
    };
    for (int i = 0; i < kPlaces; ++i) {
      std::vector<uint8_t> worse = y_bytes;
      worse[y_bytes.size() * static_cast<size_t>(i) / kPlaces] ^= 0x5A;
      expect_same_verdict(z_bytes, worse);
      worse = y_bytes;
      worse.resize(y_bytes.size() * static_cast<size_t>(i) / kPlaces);
      expect_same_verdict(z_bytes, worse);
      worse = z_bytes;
      worse[z_bytes.size() * static_cast<size_t>(i) / kPlaces] ^= 0x5A;
      expect_same_verdict(worse, y_bytes);
      expect_same_verdict(worse, {});
    }
    EXPECT_GT(damaged, 2 * kPlaces);
  }
}

TEST(DeviceChoice, Names) {
  std::string error;
  EXPECT_EQ(choose_device("auto", error), 0);
  EXPECT_EQ(choose_device("cuda", error), 0);
  EXPECT_EQ(choose_device("cuda:0", error), 0);
  EXPECT_LT(choose_device("cuda:99", error), 0);
  EXPECT_EQ(error.substr(0, 45), "device=cuda:99: the last CUDA device is cuda:");
  for (const char *name : {"", "cpu", "cuda:", "cuda:-1", "cuda:1x", "gpu"}) {
    EXPECT_LT(choose_device(name, error), 0);
    EXPECT_EQ(error, "device=" + std::string(name) + " is none of auto, cuda and cuda:N");
  }
}

}  // namespace
}  // namespace feat::hyperprior::test
