// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What latents cost: the likelihoods of the factorised prior and of the Gaussian conditional, whose
// negative logarithms are the rate. Everything can be differentiated.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior {

inline constexpr double kScaleBound = 0.11;
inline constexpr double kLikelihoodBound = 1e-9;

// The greater of x and the bound. Gradients pass where x is above it, and where a descent along
// them would raise x.
at::Tensor lower_bound(const at::Tensor &x, double bound);

// Of [z - 0.5, z + 0.5] under a distribution for each channel, z being [batch, channels, ...]. Its
// cumulative is a small network whose parameters are in `w` (matrices as they are before softplus,
// factors before tanh): for i from 0 to 4, with n = 1, 3, 3, 3, 3, 1,
//   name.matrix<i> [channels, n_i+1, n_i], name.bias<i> [channels, n_i+1, 1] and, but for the last
//   i, name.factor<i> [channels, n_i+1, 1].
at::Tensor factorized_likelihood(const Weights &w, const std::string &name, const at::Tensor &z);

// The parameters of a prior whose values lie within about +-init_scale. Draws from LibTorch's
// generator.
Weights make_factorized_prior(const std::string &name, int channels, double init_scale = 10);

// Of [y - 0.5, y + 0.5] under Gaussians with these deviations, bounded at kScaleBound, and means;
// without means they are 0.
at::Tensor gaussian_likelihood(const at::Tensor &y, const at::Tensor &scales,
                               const at::Tensor &means);

// -log2 of all likelihoods, added up: a tensor of one element.
at::Tensor bits(const at::Tensor &likelihood);

}  // namespace feat::hyperprior
