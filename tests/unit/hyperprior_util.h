// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A small model of the Hyperprior codec: an 8x8 DCT, and hyper-latents of coefficients at random.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/export.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/model.h"

namespace feat::hyperprior::test {

inline uint32_t scramble(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7FEB352DU;
  x ^= x >> 15;
  x *= 0x846CA68BU;
  return x ^ x >> 16;
}

// Reproducible numbers in [-1, 1).
inline float noise(uint32_t i) {
  return static_cast<float>(scramble(i + 1) >> 8) / 8388608.0F - 1;
}

inline constexpr int kBlock = 8;
inline constexpr int kLatents = kBlock * kBlock;
inline constexpr int kHyperLatents = 2;

inline float dct(int k, int n) {
  const double scale = k == 0 ? std::sqrt(1.0 / kBlock) : std::sqrt(2.0 / kBlock);
  return static_cast<float>(scale * std::cos(std::numbers::pi * (n + 0.5) * k / kBlock));
}

// Row k of the basis: frequency (k / 8, k % 8), as the weights of a convolution.
inline std::vector<float> dct_weights() {
  std::vector<float> weights;
  for (int k = 0; k < kLatents; ++k)
    for (int y = 0; y < kBlock; ++y)
      for (int x = 0; x < kBlock; ++x) weights.push_back(dct(k / kBlock, y) * dct(k % kBlock, x));
  return weights;
}

inline FloatTensor floats(std::vector<int> shape, float amplitude, uint32_t seed) {
  size_t count = 1;
  for (const int d : shape) count *= static_cast<size_t>(d);
  FloatTensor tensor{std::move(shape), std::vector<float>(count)};
  for (size_t i = 0; i < count; ++i)
    tensor.values[i] = amplitude * noise(static_cast<uint32_t>(i) + seed);
  return tensor;
}

struct ModelParts {
  ModelDescription description;
  std::map<std::string, TensorData> tensors;
  std::vector<uint8_t> file() const { return write_model(description, tensors); }
};

// Of many rates.
inline ModelParts small_model() {
  using Op = Layer::Op;
  ModelParts parts;
  ModelDescription &d = parts.description;
  d.name = "small";
  d.origin = "made by a test";
  d.input = Input::kNormalised;
  d.alignment = 16;
  d.latent_stride = kBlock;
  d.hyper_stride = 2 * kBlock;
  d.latents = kLatents;
  d.hyper_latents = kHyperLatents;
  d.means = true;
  d.scale_places = true;
  for (float step = 0.01F; step < 11; step *= 2) d.steps.push_back(step);
  d.analysis = {{Op::kConv, "g_a", 1, kLatents, kBlock, kBlock, {}}};
  d.hyper_analysis = {{Op::kConv, "h_a", kLatents, kHyperLatents, 2, 2, {}}};
  d.hyper_synthesis = {{Op::kDeconv, "h_s.0", kHyperLatents, 8, 5, 2, {}},
                       {Op::kRelu, "", 0, 0, 1, 1, {}},
                       {Op::kConv, "h_s.1", 8, 2 * kLatents, 3, 1, {}}};
  d.synthesis = {{Op::kDeconv, "g_s", kLatents, 1, kBlock, kBlock, {}}};

  const auto store = [&](const std::string &name, const FloatTensor &t) {
    parts.tensors[name] = store_floats(t.values, t.shape, Element::kF32);
  };
  store("g_a.weight", {{kLatents, 1, kBlock, kBlock}, dct_weights()});
  store("g_a.bias", floats({kLatents}, 0, 0));
  store("h_a.weight", floats({kHyperLatents, kLatents, 2, 2}, 0.1F, 5));
  store("h_a.bias", floats({kHyperLatents}, 0, 0));
  store("g_s.weight", {{kLatents, 1, kBlock, kBlock}, dct_weights()});
  store("g_s.bias", floats({1}, 0, 0));
  std::vector<float> gains;
  for (const float step : d.steps)
    for (int c = 0; c < kLatents; ++c) gains.push_back(1 / step);
  store("gains", {{static_cast<int>(d.steps.size()), kLatents}, gains});

  std::map<std::string, FloatTensor> hyper;
  hyper["h_s.0.weight"] = floats({kHyperLatents, 8, 5, 5}, 0.2F, 100);
  hyper["h_s.0.bias"] = floats({8}, 1.0F, 200);
  hyper["h_s.1.weight"] = floats({2 * kLatents, 8, 3, 3}, 0.3F, 300);
  hyper["h_s.1.bias"] = floats({2 * kLatents}, 0.1F, 400);
  for (int c = 0; c < kLatents; ++c) hyper["h_s.1.bias"].values[static_cast<size_t>(c)] += 30;
  HyperLatents example{2, 2, std::vector<int32_t>(4 * kHyperLatents)};
  for (size_t i = 0; i < example.values.size(); ++i)
    example.values[i] = static_cast<int32_t>(40 * noise(static_cast<uint32_t>(i) + 500));
  add_hyper_synthesis(d, hyper, {&example, 1}, parts.tensors);

  std::vector<rans::Distribution> y;
  for (const double scale : scale_table()) y.push_back(rans::gaussian(scale));
  add_distributions("y", y, parts.tensors);
  const std::vector<rans::Distribution> z(kHyperLatents, rans::gaussian(30));
  add_distributions("z", z, parts.tensors);
  return parts;
}

}  // namespace feat::hyperprior::test
