// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior::train {

// What the latents of planes cost, hyper-latents left out, in bits by the entropy coder's tables.
struct IntegerCost {
  double floating = 0;  // chosen by the hyper-synthesis as it was trained
  double integer = 0;   // by that of the model file
  double percent() const { return 100 * (integer / floating - 1); }
};

// `file` is what make_model_file() made of `trained`; planes are [1, 1, height, width] each, as the
// analysis sees them. Models of steps count at each of them. Throws Error.
IntegerCost integer_cost(const ModelDescription &model, const Weights &trained,
                         std::span<const uint8_t> file, const std::vector<at::Tensor> &planes);

}  // namespace feat::hyperprior::train
