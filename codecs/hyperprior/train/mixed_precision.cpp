// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/mixed_precision.h"

#include <ATen/TensorOperators.h>

namespace feat::hyperprior::train {

at::Tensor run_mixed_all(const Network &network, const Weights &weights, const at::Tensor &x,
                         bool mixed) {
  if (!mixed) return run(network, weights, x);
  Weights half;
  for (const Layer &layer : network)
    for (const char *part : {".weight", ".bias", ".beta", ".gamma"}) {
      const auto found = weights.find(layer.name + part);
      if (found != weights.end()) half[found->first] = found->second.to(c10::kBFloat16);
    }
  return run(network, half, x.to(c10::kBFloat16)).to(c10::kFloat);
}

at::Tensor run_mixed(const Network &network, const Weights &weights, const at::Tensor &x,
                     bool mixed) {
  if (!mixed) return run(network, weights, x);
  at::Tensor y = x;
  for (const Layer &layer : network)
    y = layer.op == Layer::Op::kResidual ? y + run_mixed_all(layer.inner, weights, y, true)
                                         : run({layer}, weights, y);
  return y;
}

}  // namespace feat::hyperprior::train
