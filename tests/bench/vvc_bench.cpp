// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate, distortion and speed of the H.266 codec on raw pictures or synthetic ones.
//
//   vvc-bench --size 1536x257 --qp 22,27,32,37,42 picture.gray16
//   vvc-bench --size 1536x257 --lossless --target-bytes 5000,20000 --target-mse 100 picture.gray16
//   vvc-bench --size 512x512 --synthetic noise --qp 32 --repeat 5
//
// A raw picture holds 16-bit little-endian samples, row by row, not shifted; synthetic ones are
// flat, noise, gradient, checker and feature. One line a QP or target: bytes, bits per point, mean
// squared error, milliseconds of one core to encode and to decode (medians), input encoded a
// second.
// --output PREFIX keeps the streams and reconstructions, --json prints what vvc-compare reads.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "tests/unit/vvc_content.h"

namespace {

using feat::vvc::Decoder;
using feat::vvc::EncodeOptions;
using feat::vvc::Encoder;
using feat::vvc::EncoderConfig;
using feat::vvc::Picture;
using feat::vvc::Status;

struct Options {
  int width = 0;
  int height = 0;
  int bit_depth = 10;
  int repeat = 1;
  int threads = 1;
  int effort = feat::vvc::kDefaultEffort;
  bool json = false;
  bool md5 = false;
  std::vector<EncodeOptions> points;  // one line each
  std::string synthetic;
  std::string input;
  std::string output;  // prefix of the files written
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "vvc-bench: %s\n", message.c_str());
  std::exit(1);
}

// Numbers with commas in between.
std::vector<double> numbers(const std::string &list) {
  std::vector<double> result;
  for (size_t at = 0; at < list.size(); at = list.find(',', at) + 1) {
    result.push_back(std::atof(list.c_str() + at));
    if (list.find(',', at) == std::string::npos) break;
  }
  return result;
}

Options parse(int argc, char **argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&]() -> std::string {
      if (++i >= argc) fail("no value after " + arg);
      return argv[i];
    };
    if (arg == "--size") {
      if (std::sscanf(value().c_str(), "%dx%d", &o.width, &o.height) != 2) fail("bad size");
    } else if (arg == "--depth") {
      o.bit_depth = std::atoi(value().c_str());
    } else if (arg == "--repeat") {
      o.repeat = std::max(1, std::atoi(value().c_str()));
    } else if (arg == "--threads") {
      o.threads = std::atoi(value().c_str());
    } else if (arg == "--effort") {
      o.effort = std::atoi(value().c_str());
    } else if (arg == "--synthetic") {
      o.synthetic = value();
    } else if (arg == "--output") {
      o.output = value();
    } else if (arg == "--json") {
      o.json = true;
    } else if (arg == "--lossless") {
      o.points.push_back({.lossless = true});
    } else if (arg == "--target-bytes") {
      for (const double v : numbers(value())) {
        o.points.push_back({.target_bytes = static_cast<uint64_t>(v)});
      }
    } else if (arg == "--target-mse") {
      for (const double v : numbers(value())) o.points.push_back({.target_mse = v});
    } else if (arg == "--md5") {
      o.md5 = true;
    } else if (arg == "--qp") {
      for (const double v : numbers(value())) o.points.push_back({.qp = static_cast<int>(v)});
    } else {
      o.input = arg;
    }
  }
  if (o.points.empty()) {
    for (const int qp : {22, 27, 32, 37, 42}) o.points.push_back({.qp = qp});
  }
  return o;
}

double decode_seconds(const std::vector<uint8_t> &stream, int repeat, int threads) {
  std::vector<double> seconds;
  for (int i = 0; i < repeat; ++i) {
    Picture picture;
    const std::clock_t begin = std::clock();
    const Status status = Decoder::create({.threads = threads})->decode(stream, picture);
    const std::clock_t end = std::clock();
    if (!status.ok()) fail(status.message);
    seconds.push_back(static_cast<double>(end - begin) / CLOCKS_PER_SEC);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

std::vector<uint16_t> load(const Options &o) {
  if (o.width < 1 || o.height < 1) fail("give the size of the picture with --size WxH");
  if (!o.synthetic.empty())
    return feat::vvc::synthetic_content(o.synthetic, o.width, o.height, o.bit_depth);
  std::vector<uint16_t> samples(static_cast<size_t>(o.width) * static_cast<size_t>(o.height));
  std::ifstream file(o.input, std::ios::binary);
  file.read(reinterpret_cast<char *>(samples.data()),
            static_cast<std::streamsize>(samples.size() * sizeof(uint16_t)));
  if (!file)
    fail("cannot read " + std::to_string(samples.size()) + " samples of '" + o.input + "'");
  return samples;
}

}  // namespace

int main(int argc, char **argv) {
  const Options o = parse(argc, argv);
  const std::vector<uint16_t> samples = load(o);
  EncoderConfig config;
  config.width = o.width;
  config.height = o.height;
  config.bit_depth = o.bit_depth;
  config.threads = o.threads;
  Status status;
  const auto encoder = Encoder::create(config, status);
  if (!encoder) fail(status.message);
  const auto points = static_cast<double>(samples.size());
  const char *separator = "[";
  for (EncodeOptions point : o.points) {
    point.effort = o.effort;
    point.md5_sei = o.md5;
    std::vector<uint8_t> stream;
    std::vector<double> seconds;
    for (int i = 0; i < o.repeat; ++i) {
      stream.clear();
      const std::clock_t begin = std::clock();
      status = encoder->encode({samples.data(), o.width, o.height, o.width}, point, {}, stream);
      const std::clock_t end = std::clock();
      if (!status.ok()) fail(status.message);
      seconds.push_back(static_cast<double>(end - begin) / CLOCKS_PER_SEC);
    }
    std::sort(seconds.begin(), seconds.end());
    const double median = seconds[seconds.size() / 2];
    const double decoding = decode_seconds(stream, o.repeat, o.threads);
    const int qp = encoder->qp();
    const auto recon = encoder->reconstruction();
    double sse = 0;
    std::vector<uint16_t> cropped;
    for (int y = 0; y < o.height; ++y) {
      for (int x = 0; x < o.width; ++x) {
        const uint16_t v = recon.data[y * recon.stride + x];
        const double d =
            v -
            samples[static_cast<size_t>(y) * static_cast<size_t>(o.width) + static_cast<size_t>(x)];
        sse += d * d;
        cropped.push_back(v);
      }
    }
    const double bpfp = 8.0 * static_cast<double>(stream.size()) / points;
    if (o.json) {
      std::printf(
          "%s{\"qp\": %d, \"bpfp\": %.6f, \"mse\": %.4f, \"seconds\": %.4f, "
          "\"decode_seconds\": %.5f}",
          separator, qp, bpfp, sse / points, median, decoding);
      separator = ",\n ";
    } else {
      std::printf(
          "QP %2d  %8zu bytes  %8.5f BPFP  MSE %10.4f  encode %8.1f ms  decode %7.1f ms  "
          "%7.2f MB/s\n",
          qp, stream.size(), bpfp, sse / points, 1e3 * median, 1e3 * decoding,
          2e-6 * points / median);
    }
    if (!o.output.empty()) {
      const std::string name = o.output + std::to_string(qp);
      std::ofstream(name + ".266", std::ios::binary)
          .write(reinterpret_cast<const char *>(stream.data()),
                 static_cast<std::streamsize>(stream.size()));
      std::ofstream(name + ".gray16", std::ios::binary)
          .write(reinterpret_cast<const char *>(cropped.data()),
                 static_cast<std::streamsize>(2 * cropped.size()));
    }
  }
  if (o.json) std::printf("]\n");
  return 0;
}
