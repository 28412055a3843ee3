// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/non_negative.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/sqrt.h>

#include <cmath>

#include "codecs/hyperprior/rate_model.h"

namespace feat::hyperprior {

namespace {

constexpr double kPedestal = 0x1p-36;

}  // namespace

at::Tensor non_negative_root(const at::Tensor &x) {
  return at::sqrt(at::clamp_min(x + kPedestal, kPedestal));
}

at::Tensor non_negative_value(const at::Tensor &root, double minimum) {
  const at::Tensor bounded = lower_bound(root, std::sqrt(minimum + kPedestal));
  return bounded * bounded - kPedestal;
}

}  // namespace feat::hyperprior
