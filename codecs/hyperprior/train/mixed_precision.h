// SPDX-License-Identifier: LGPL-2.1-or-later
//
// bfloat16 where its eight bits do no harm. Latents of fine steps reach thousands, and are rounded:
// the layers between a plane and its latents stay in float32. (at::autocast, whose functions
// changed their names between the versions of LibTorch, would take these as well.)
#pragma once

#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior::train {

// As run(); where `mixed`, what is inside of residual blocks is bfloat16.
at::Tensor run_mixed(const Network &network, const Weights &weights, const at::Tensor &x,
                     bool mixed);

// As run(); where `mixed`, everything is bfloat16 but the result.
at::Tensor run_mixed_all(const Network &network, const Weights &weights, const at::Tensor &x,
                         bool mixed);

}  // namespace feat::hyperprior::train
