// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior::train {

// The bytes of a model file: weights, tables of the entropy coder, and the hyper-synthesis in
// integers, for which `examples`, [1, 1, height, width] each, are planes as the analysis sees them.
// Throws Error.
std::vector<uint8_t> make_model_file(const ModelDescription &model, const Weights &trained,
                                     const std::vector<at::Tensor> &examples);

}  // namespace feat::hyperprior::train
