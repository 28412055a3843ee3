// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate, error and speed of the native feature codec on features in .npy files.
//
//   feature-codec-bench --step 0.5,1,2,4 feature.npy
//   feature-codec-bench --clip -20,20 --profile text.fprofile --effort 0 --bpfp 0.1,1 feature.npy
//   feature-codec-bench --lossless --repeat 5 feature.npy
//
// One line a target: bytes, bits per point, mean squared error of what is decoded against the
// (clipped) input, milliseconds of processor time to encode and to decode (medians), times coded.
// --json prints the lines as a list for feature-compare.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/profile.h"
#include "codecs/feature/tensor_values.h"
#include "gst/npy/npyheader.h"

namespace {

using namespace feat::native;

struct Options {
  EncodeOptions encode;
  std::vector<std::pair<Target, double>> targets;
  bool clip = false;
  double low = 0;
  double high = 0;
  int repeat = 1;
  bool json = false;
  std::string profile;
  std::string input;
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "feature-codec-bench: %s\n", message.c_str());
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

Layout layout_of(const std::string &name) {
  constexpr const char *kNames[] = {"auto", "tokens", "grid", "image"};
  for (int i = 0; i < 4; ++i) {
    if (name == kNames[i]) return static_cast<Layout>(i);
  }
  fail("there is no layout '" + name + "'");
}

Options parse(int argc, char **argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&]() -> std::string {
      if (++i >= argc) fail("no value after " + arg);
      return argv[i];
    };
    const auto targets = [&](Target target) {
      for (const double v : numbers(value())) o.targets.emplace_back(target, v);
    };
    if (arg == "--clip") {
      const auto range = numbers(value());
      if (range.size() != 2) fail("--clip takes MIN,MAX");
      o.clip = true;
      o.low = range[0];
      o.high = range[1];
    } else if (arg == "--quality") {
      targets(Target::kQuality);
    } else if (arg == "--step") {
      targets(Target::kStep);
    } else if (arg == "--bpfp") {
      targets(Target::kBpfp);
    } else if (arg == "--mse") {
      targets(Target::kMse);
    } else if (arg == "--lossless") {
      o.targets.emplace_back(Target::kLossless, 0);
    } else if (arg == "--effort") {
      o.encode.effort = std::atoi(value().c_str());
    } else if (arg == "--threads") {
      o.encode.threads = std::atoi(value().c_str());
    } else if (arg == "--layout") {
      o.encode.layout = layout_of(value());
    } else if (arg == "--repeat") {
      o.repeat = std::max(1, std::atoi(value().c_str()));
    } else if (arg == "--profile") {
      o.profile = value();
    } else if (arg == "--json") {
      o.json = true;
    } else if (arg[0] == '-') {
      fail("there is no option " + arg);
    } else {
      o.input = arg;
    }
  }
  if (o.input.empty()) fail("no .npy file is named");
  if (o.targets.empty()) o.targets.emplace_back(Target::kQuality, 50);
  return o;
}

std::vector<uint8_t> read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Feature {
  TensorInfo info;
  std::vector<uint8_t> data;
};

Feature read_feature(const Options &o) {
  std::vector<uint8_t> file = read_file(o.input);
  feat::npy::Header header;
  const auto result = feat::npy::parse_header(file, kDefaultMaxPoints, &header);
  if (result.status != feat::npy::Status::kOk ||
      file.size() < header.header_bytes + header.data_bytes)
    fail(o.input + " is no whole .npy file: " + result.error);
  Feature feature;
  const bool half = header.kind == feat::npy::Kind::kFloat && header.item_bytes == 2;
  const bool single = header.kind == feat::npy::Kind::kFloat && header.item_bytes == 4;
  const bool brain = header.kind == feat::npy::Kind::kBFloat16;
  if (header.big_endian || !(half || single || brain)) fail(o.input + " holds no F16, BF16 or F32");
  feature.info.format = half ? Format::kF16 : (brain ? Format::kBF16 : Format::kF32);
  for (unsigned d = 0; d < header.n_dims; ++d)
    feature.info.shape.push_back(static_cast<uint32_t>(header.shape[d]));
  feature.data.assign(file.begin() + static_cast<ptrdiff_t>(header.header_bytes), file.end());
  feature.data.resize(header.data_bytes);
  if (o.clip) {
    std::vector<float> values;
    const Status status = to_floats(feature.info.format, feature.data, false, values);
    if (!status.ok()) fail(status.message);
    for (float &v : values)
      v = std::clamp(v, static_cast<float>(o.low), static_cast<float>(o.high));
    from_floats(feature.info.format, values, feature.data);
  }
  return feature;
}

double milliseconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double squared_error(const Feature &feature, const std::vector<uint8_t> &decoded) {
  if (decoded == feature.data) return 0;
  std::vector<float> a;
  std::vector<float> b;
  to_floats(feature.info.format, feature.data, true, a);
  to_floats(feature.info.format, decoded, true, b);
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum / static_cast<double>(a.size());
}

}  // namespace

int main(int argc, char **argv) {
  const Options o = parse(argc, argv);
  const Feature feature = read_feature(o);
  std::shared_ptr<const Profile> profile;
  if (!o.profile.empty()) {
    const Status status = Profile::parse(read_file(o.profile), profile);
    if (!status.ok()) fail(o.profile + ": " + status.message);
  }
  uint64_t points = 0;
  count_points(feature.info.shape, points);
  Encoder encoder;
  DecoderConfig config;
  config.threads = o.encode.threads;
  Decoder decoder(config);
  const char *separator = "[";
  for (const auto &[target, value] : o.targets) {
    EncodeOptions options = o.encode;
    options.target = target;
    options.value = value;
    std::vector<uint8_t> unit;
    std::vector<uint8_t> decoded(feature.data.size());
    std::vector<double> encode_times;
    std::vector<double> decode_times;
    EncodeStats stats;
    for (int i = 0; i < o.repeat; ++i) {
      unit.clear();
      const double start = milliseconds();
      Status status =
          encoder.encode(feature.info, feature.data, options, profile.get(), unit, &stats);
      const double coded = milliseconds();
      if (status.ok()) status = decoder.decode(unit, profile.get(), decoded);
      if (!status.ok()) fail(status.message);
      encode_times.push_back(coded - start);
      decode_times.push_back(milliseconds() - coded);
    }
    const double bpfp = 8.0 * static_cast<double>(unit.size()) / static_cast<double>(points);
    const double mse = squared_error(feature, decoded);
    if (o.json) {
      std::printf(
          "%s{\"step\": %.6g, \"bytes\": %zu, \"bpfp\": %.6f, \"mse\": %.8g, \"encode_ms\": %.3f, "
          "\"decode_ms\": %.3f, \"passes\": %d}",
          separator, stats.step, unit.size(), bpfp, mse, median(encode_times), median(decode_times),
          stats.passes);
      separator = ",\n ";
    } else {
      std::printf(
          "step %.4g: %zu bytes, %.5f BPFP, MSE %.6g, encode %.2f ms, decode %.2f ms, coded %d "
          "times\n",
          stats.step, unit.size(), bpfp, mse, median(encode_times), median(decode_times),
          stats.passes);
    }
  }
  if (o.json) std::printf("]\n");
}
