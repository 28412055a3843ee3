// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Networks of layers (layers.h) on LibTorch, for inference and, since everything here can be
// differentiated, for training.
#pragma once

#include <ATen/core/Tensor.h>
// Before operators: clang 14 does not take a vector of values without knowing them.
#include <ATen/core/ivalue.h>

#include <map>
#include <string>

#include "codecs/hyperprior/layers.h"

namespace feat::hyperprior {

using Weights = std::map<std::string, at::Tensor>;

// The tensor of that name. Throws std::out_of_range, and says which, where there is none.
const at::Tensor &weight_of(const Weights &weights, const std::string &name);

// x is [batch, channels, height, width].
at::Tensor run(const Network &network, const Weights &weights, const at::Tensor &x);

// A transposed convolution as ordinary ones, of which each gives the samples of one phase
// (row mod stride, column mod stride): LibTorch's own may take fifteen times as long on a CPU.
at::Tensor phase_deconvolution(const at::Tensor &x, const at::Tensor &weight,
                               const at::Tensor &bias, int stride);

}  // namespace feat::hyperprior
