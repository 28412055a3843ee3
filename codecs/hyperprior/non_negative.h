// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parameters that must not become negative (beta and gamma of GDN) as what a training changes:
// roots, so that small values move slowly, with a pedestal, so that 0 can be left again.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>  // as in networks.h

namespace feat::hyperprior {

// What is stored for x.
at::Tensor non_negative_root(const at::Tensor &x);

// The value of what is stored, at least `minimum`. Can be differentiated.
at::Tensor non_negative_value(const at::Tensor &root, double minimum);

inline constexpr double kMinGdnBeta = 1e-6;
inline constexpr double kMinGdnGamma = 0;

}  // namespace feat::hyperprior
