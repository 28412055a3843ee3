// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate, error and speed of the Hyperprior codec on features in .npy files.
//
//   hyperprior-rd MODEL MODULE [--clip LO,HI] [--bits N] [--quality Q,…] [--threads N] [--repeat N]
//       [--json] feature.npy…
//
// MODULE is libgstfeature-hyperprior.so. Features are truncated, quantised and packed as
// hyperprior-train does it. One line a quality and file: bits per point of the whole unit, those of
// hyper-latents, mean squared error against the packed code values (in their units), milliseconds
// (wall time, medians) of encoding and decoding. --json prints lists of {"quality", "bpfp", "mse",
// "encode_ms", "decode_ms"}, of all files together, for each quality; its times are processor time.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/train/packing.h"

namespace {

using namespace feat::hyperprior;

struct Options {
  std::vector<std::string> names;
  train::Ranges ranges;
  int bits = 10;
  int threads = 2;
  int repeat = 1;
  bool json = false;
  std::vector<double> qualities = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "hyperprior-rd: %s\n", message.c_str());
  std::exit(1);
}

std::vector<double> numbers(const std::string &list) {
  std::vector<double> result;
  const char *at = list.c_str();
  for (char *end = nullptr;; at = end + 1) {
    result.push_back(std::strtod(at, &end));
    if (end == at) fail("'" + list + "' is not a list of numbers");
    if (*end != ',') return result;
  }
}

Options parse(int argc, char **argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&]() -> std::string {
      if (++i >= argc) fail("no value after " + arg);
      return argv[i];
    };
    if (arg == "--clip") {
      const auto range = numbers(value());
      if (range.size() != 2) fail("--clip takes LO,HI");
      o.ranges = {{range[0]}, {range[1]}, -1};
    } else if (arg == "--bits") {
      o.bits = std::atoi(value().c_str());
    } else if (arg == "--quality") {
      o.qualities = numbers(value());
    } else if (arg == "--threads") {
      o.threads = std::atoi(value().c_str());
    } else if (arg == "--repeat") {
      o.repeat = std::max(1, std::atoi(value().c_str()));
    } else if (arg == "--json") {
      o.json = true;
    } else if (arg[0] == '-') {
      fail("there is no option " + arg);
    } else {
      o.names.push_back(arg);
    }
  }
  if (o.names.size() < 3) fail("a model, a module and a .npy file are wanted");
  return o;
}

std::vector<uint8_t> read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Transforms *open_transforms(const Options &o, const std::vector<uint8_t> &model) {
  void *module = dlopen(o.names[1].c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) fail(dlerror());
  auto *load = reinterpret_cast<TransformsLoad *>(dlsym(module, kTransformsLoadName));
  if (load == nullptr) fail(o.names[1] + " is no module of the Hyperprior codec");
  TransformsOptions options;
  options.model = model.data();
  options.model_bytes = model.size();
  options.threads = o.threads;
  TransformsError error;
  Transforms *transforms = load(options, error);
  if (transforms == nullptr) fail(error.text);
  return transforms;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

double milliseconds(std::clock_t ticks) {
  return 1e3 * static_cast<double>(ticks) / CLOCKS_PER_SEC;
}

struct Codec {
  Encoder encoder;
  Decoder decoder;
};

struct Result {
  double bytes = 0;
  double z_bytes = 0;
  double points = 0;
  double squares = 0;
  double entropy_bits = 0;
  std::vector<double> encode_ms;
  std::vector<double> decode_ms;
  std::vector<double> encode_processor_ms;
  std::vector<double> decode_processor_ms;
};

void code(const Options &o, Codec &codec, const train::Packed &packed, double quality, Result &r) {
  EncodeOptions options;
  options.quality = quality;
  options.bit_depth = o.bits;
  std::vector<uint16_t> decoded(packed.samples.size());
  for (int i = 0; i < o.repeat; ++i) {
    std::vector<uint8_t> unit;
    EncodeStats stats;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t processor_start = std::clock();
    Status status = codec.encoder.encode(
        {packed.samples.data(), packed.width, packed.height, packed.width}, options, unit, &stats);
    if (!status.ok()) fail(status.message);
    const auto middle = std::chrono::steady_clock::now();
    const std::clock_t processor_middle = std::clock();
    status =
        codec.decoder.decode(unit, {decoded.data(), packed.width, packed.height, packed.width});
    if (!status.ok()) fail(status.message);
    const auto end = std::chrono::steady_clock::now();
    const std::clock_t processor_end = std::clock();
    r.encode_ms.push_back(std::chrono::duration<double, std::milli>(middle - start).count());
    r.decode_ms.push_back(std::chrono::duration<double, std::milli>(end - middle).count());
    r.encode_processor_ms.push_back(milliseconds(processor_middle - processor_start));
    r.decode_processor_ms.push_back(milliseconds(processor_end - processor_middle));
    if (i > 0) continue;
    r.bytes += static_cast<double>(unit.size());
    r.z_bytes += static_cast<double>(stats.z_bits) / 8;
    r.entropy_bits += stats.y_estimated_bits + stats.z_estimated_bits;
  }
  r.points += static_cast<double>(packed.samples.size());
  for (size_t i = 0; i < decoded.size(); ++i) {
    const double difference = double{static_cast<double>(decoded[i])} - packed.samples[i];
    r.squares += difference * difference;
  }
}

int run(const Options &o) {
  const std::vector<uint8_t> file = read_file(o.names[0]);
  Status status;
  const auto model = Model::load(file, status);
  const auto entropy = model ? EntropyModel::create(model, status) : nullptr;
  if (!entropy) fail(o.names[0] + ": " + status.message);
  Transforms *transforms = open_transforms(o, file);
  Codec codec{{entropy, transforms, o.threads}, {entropy, transforms, o.threads}};
  std::vector<train::Packed> planes;
  for (size_t i = 2; i < o.names.size(); ++i)
    for (train::Packed &plane :
         train::pack(o.names[i], train::read_npy(o.names[i], kDefaultMaxPoints), o.ranges, o.bits))
      planes.push_back(std::move(plane));
  if (o.json) std::printf("[");
  for (size_t q = 0; q < o.qualities.size(); ++q) {
    Result r;
    for (const train::Packed &plane : planes) code(o, codec, plane, o.qualities[q], r);
    const double bpfp = 8 * r.bytes / r.points;
    const double mse = r.squares / r.points;
    if (o.json) {
      std::printf(
          "%s{\"quality\": %g, \"bpfp\": %.6f, \"mse\": %.6f, \"encode_ms\": %.3f, "
          "\"decode_ms\": %.3f}",
          q > 0 ? ", " : "", o.qualities[q], bpfp, mse, median(r.encode_processor_ms),
          median(r.decode_processor_ms));
    } else {
      std::printf(
          "quality %.2f: %.4f bits/point (%.4f of it hyper-latents), coded/entropy %.4f, "
          "mse %.4f, %.1f ms, %.1f ms\n",
          o.qualities[q], bpfp, 8 * r.z_bytes / r.points, 8 * r.bytes / r.entropy_bits, mse,
          median(r.encode_ms), median(r.decode_ms));
    }
    std::fflush(stdout);
  }
  if (o.json) std::printf("]\n");
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::exception &e) {
    fail(e.what());
  }
}
