// SPDX-License-Identifier: LGPL-2.1-or-later
//
// From trained networks to what a model file holds.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/rans/rans.h"

namespace feat::hyperprior {

struct FloatTensor {
  std::vector<int> shape;
  std::vector<float> values;
};

// Rounded hyper-latents of a training plane: [hyper_latents, height, width].
struct HyperLatents {
  int height = 0;
  int width = 0;
  std::vector<int32_t> values;
};

// Tensors prefix.first, prefix.raw_bits, prefix.symbols (how many frequencies each has) and
// prefix.frequencies (of all, one behind the other).
void add_distributions(const std::string &prefix, std::span<const rans::Distribution> distributions,
                       std::map<std::string, TensorData> &tensors);

// The scales of the tables for y: 64, from 0.11 to 256, evenly spaced in their logarithm.
std::vector<double> scale_table();

// The hyper-synthesis in integers: tensors NAME.weight, NAME.bias, NAME.shift of each layer, and
// y.thresholds, by which its outputs become indices of scale_table(). `weights` holds the trained
// NAME.weight and NAME.bias; `examples`, of which there is at least one, tell how large activations
// get. Returns false where the network is of another kind than integer_network.h says.
bool add_hyper_synthesis(const ModelDescription &model,
                         const std::map<std::string, FloatTensor> &weights,
                         std::span<const HyperLatents> examples,
                         std::map<std::string, TensorData> &tensors);

}  // namespace feat::hyperprior
