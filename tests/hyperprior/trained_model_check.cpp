// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a model file makes of a plane, as JSON.
//
//   trained-model-check MODEL MODULE
#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/model.h"

namespace {

using namespace feat::hyperprior;

constexpr int kWidth = 150;
constexpr int kHeight = 100;

int fail(const char *what, const std::string &message) {
  std::fprintf(stderr, "%s: %s\n", what, message.c_str());
  return 1;
}

// Waves and a little noise.
std::vector<uint16_t> make_plane() {
  std::vector<uint16_t> samples;
  uint32_t noise = 1;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      noise = noise * 1664525 + 1013904223;
      const double value =
          512 + 200 * std::sin(x * 0.07 + y * 0.03) + 100 * std::cos(y * 0.11) + (noise >> 28);
      samples.push_back(static_cast<uint16_t>(value));
    }
  return samples;
}

int run(const char *model_path, const char *module_path) {
  std::ifstream file(model_path, std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  Status status;
  const std::shared_ptr<const Model> model = Model::load(bytes, status);
  if (!model) return fail(model_path, status.message);
  const std::shared_ptr<const EntropyModel> entropy = EntropyModel::create(model, status);
  if (!entropy) return fail(model_path, status.message);
  void *module = dlopen(module_path, RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return fail(module_path, dlerror());
  auto *load = reinterpret_cast<TransformsLoad *>(dlsym(module, kTransformsLoadName));
  TransformsOptions options;
  options.model = bytes.data();
  options.model_bytes = bytes.size();
  options.device = "cpu";
  options.threads = 1;
  TransformsError error;
  const std::unique_ptr<Transforms> transforms(load(options, error));
  if (!transforms) return fail(module_path, error.text);

  const std::vector<uint16_t> samples = make_plane();
  std::printf("{\"name\": \"%s\", \"origin\": \"%s\", \"results\": [",
              model->description().name.c_str(), model->description().origin.c_str());
  for (const double quality : {0.1, 0.9}) {
    Encoder encoder(entropy, transforms.get());
    Decoder decoder(entropy, transforms.get());
    EncodeOptions encode;
    encode.quality = quality;
    std::vector<uint8_t> unit;
    EncodeStats stats;
    status = encoder.encode({samples.data(), kWidth, kHeight, kWidth}, encode, unit, &stats);
    if (!status.ok()) return fail("encode", status.message);
    std::vector<uint16_t> decoded(samples.size());
    status = decoder.decode(unit, {decoded.data(), kWidth, kHeight, kWidth});
    if (!status.ok()) return fail("decode", status.message);
    double squares = 0;
    for (size_t i = 0; i < samples.size(); ++i)
      squares += std::pow(static_cast<double>(samples[i]) - static_cast<double>(decoded[i]), 2);
    std::printf("%s{\"bytes\": %zu, \"mse\": %.6g, \"bits\": %.6g, \"estimated_bits\": %.6g}",
                quality > 0.5 ? ", " : "", unit.size(),
                squares / static_cast<double>(samples.size()),
                static_cast<double>(stats.y_bits + stats.z_bits),
                stats.y_estimated_bits + stats.z_estimated_bits);
  }
  std::printf("]}\n");
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  return argc == 3 ? run(argv[1], argv[2]) : 2;
}
