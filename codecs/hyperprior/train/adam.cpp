// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/adam.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace feat::hyperprior::train {

namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;
constexpr double kMaxNorm = 1;

}  // namespace

Adam::Adam(Weights &weights) : weights_(weights) {
  for (auto &[name, weight] : weights_) {
    weight.set_requires_grad(true);
    first_[name] = at::zeros_like(weight.detach());
    second_[name] = at::zeros_like(weight.detach());
  }
}

void Adam::clear_gradients() {
  for (auto &[name, weight] : weights_) weight.mutable_grad() = at::Tensor();
}

bool Adam::step(double learning_rate) {
  const at::NoGradGuard no_gradients;
  double squares = 0;
  at::Tensor sum;
  for (const auto &[name, weight] : weights_)
    if (weight.grad().defined()) {
      const at::Tensor part = weight.grad().square().sum();
      sum = sum.defined() ? sum + part : part;
    }
  if (!sum.defined()) return true;
  squares = sum.item<double>();
  if (!std::isfinite(squares)) return false;
  const double cut = std::min(1.0, kMaxNorm / (std::sqrt(squares) + 1e-6));
  ++steps_;
  const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(steps_));
  const double correction2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
  for (auto &[name, weight] : weights_) {
    if (!weight.grad().defined()) continue;
    const at::Tensor gradient = weight.grad() * cut;
    at::Tensor &first = first_[name];
    at::Tensor &second = second_[name];
    first.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    second.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    weight.addcdiv_(first, (second / correction2).sqrt_().add_(kEpsilon),
                    -learning_rate / correction1);
  }
  return true;
}

Weights Adam::moments() const {
  Weights moments;
  for (const auto &[name, moment] : first_) moments[name + ".m"] = moment;
  for (const auto &[name, moment] : second_) moments[name + ".v"] = moment;
  return moments;
}

void Adam::set_moments(const Weights &moments, uint64_t steps) {
  for (auto &[name, moment] : first_) moment.copy_(weight_of(moments, name + ".m"));
  for (auto &[name, moment] : second_) moment.copy_(weight_of(moments, name + ".v"));
  steps_ = steps;
}

}  // namespace feat::hyperprior::train
