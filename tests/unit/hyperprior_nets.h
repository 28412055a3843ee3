// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Small models with hyper-syntheses of several shapes.
#pragma once

#include <gtest/gtest.h>

#include "tests/unit/hyperprior_util.h"

namespace feat::hyperprior::test {

// Channels that fill no tile, kernels that overlap or do not, cuts on both sides or one.
inline std::vector<ModelParts> models_of_shapes() {
  using Op = Layer::Op;
  const Layer relu = {Op::kRelu, "", 0, 0, 1, 1, {}};
  const int outputs = 2 * kLatents;
  const std::vector<Network> networks = {
      {{Op::kDeconv, "h_s.0", kHyperLatents, 7, 5, 2, {}},
       relu,
       {Op::kConv, "h_s.1", 7, 5, 1, 1, {}},
       {Op::kConv, "h_s.2", 5, outputs, 3, 1, {}}},
      {{Op::kConv, "h_s.0", kHyperLatents, 33, 7, 1, {}},
       relu,
       {Op::kDeconv, "h_s.1", 33, outputs, 2, 2, {}}},
      {{Op::kDeconv, "h_s.0", kHyperLatents, outputs, 3, 2, {}}, relu},
      {{Op::kConv, "h_s.0", kHyperLatents, 70, 3, 1, {}},
       relu,
       {Op::kDeconv, "h_s.1", 70, 19, 9, 2, {}},
       {Op::kConv, "h_s.2", 19, outputs, 5, 1, {}}},
  };
  std::vector<ModelParts> all = {small_model()};
  uint32_t seed = 1000;
  for (const Network &network : networks) {
    ModelParts parts = small_model();
    for (const char *part : {"weight", "bias", "shift"})
      for (const char *layer : {"h_s.0.", "h_s.1."}) parts.tensors.erase(std::string(layer) + part);
    parts.description.hyper_synthesis = network;
    std::map<std::string, FloatTensor> hyper;
    for (const Layer &layer : network) {
      if (layer.op == Op::kRelu) continue;
      const bool deconv = layer.op == Op::kDeconv;
      hyper[layer.name + ".weight"] =
          floats({deconv ? layer.in : layer.out, deconv ? layer.out : layer.in, layer.kernel,
                  layer.kernel},
                 0.3F, seed += 100000);
      hyper[layer.name + ".bias"] = floats({layer.out}, 3.0F, seed += 100000);
      if (layer.out == outputs)
        for (int c = 0; c < kLatents; ++c)
          hyper[layer.name + ".bias"].values[static_cast<size_t>(c)] += 30;
    }
    HyperLatents example{3, 3, std::vector<int32_t>(9 * kHyperLatents)};
    for (size_t i = 0; i < example.values.size(); ++i)
      example.values[i] = static_cast<int32_t>(40 * noise(static_cast<uint32_t>(i) + 500));
    add_hyper_synthesis(parts.description, hyper, {&example, 1}, parts.tensors);
    all.push_back(std::move(parts));
  }
  return all;
}

inline std::vector<int32_t> some_hyper_latents(int height, int width, int channels, int amplitude,
                                               uint32_t seed = 77) {
  std::vector<int32_t> z(static_cast<size_t>(height) * static_cast<size_t>(width) *
                         static_cast<size_t>(channels));
  for (size_t i = 0; i < z.size(); ++i)
    z[i] = static_cast<int32_t>(static_cast<float>(amplitude) *
                                noise(static_cast<uint32_t>(i) + seed));
  return z;
}

inline std::shared_ptr<const EntropyModel> load_entropy(const std::vector<uint8_t> &file) {
  Status status;
  const auto model = Model::load(file, status);
  EXPECT_TRUE(model) << status.message;
  if (!model) return nullptr;
  auto entropy = EntropyModel::create(model, status);
  EXPECT_TRUE(entropy) << status.message;
  return entropy;
}

}  // namespace feat::hyperprior::test
