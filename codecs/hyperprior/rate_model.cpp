// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/rate_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/erfc.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace feat::hyperprior {

namespace {

constexpr int kWidths[] = {1, 3, 3, 3, 3, 1};
constexpr int kSteps = 5;

std::string parameter(const std::string &name, const char *kind, int step) {
  std::string full = name;
  full += kind;
  full += std::to_string(step);
  return full;
}

// The cumulative before its sigmoid; x is [channels, 1, values].
at::Tensor cumulative_logits(const Weights &w, const std::string &name, const at::Tensor &x) {
  at::Tensor y = x;
  for (int i = 0; i < kSteps; ++i) {
    y = at::matmul(at::softplus(weight_of(w, parameter(name, ".matrix", i))), y) +
        weight_of(w, parameter(name, ".bias", i));
    if (i + 1 < kSteps) y = y + at::tanh(weight_of(w, parameter(name, ".factor", i))) * at::tanh(y);
  }
  return y;
}

// Of the standard normal distribution.
at::Tensor cumulative(const at::Tensor &x) {
  return at::erfc(x * -std::sqrt(0.5)) * 0.5;
}

}  // namespace

at::Tensor lower_bound(const at::Tensor &x, double bound) {
  const at::Tensor above = x.detach().ge(bound);
  // Below, the bound with the gradient of x.
  at::Tensor y = at::where(above, x, x - x.detach() + bound);
  if (y.requires_grad())
    y.register_hook([above](const at::Tensor &gradient) {
      return at::where(above.logical_or(gradient.lt(0)), gradient, at::zeros_like(gradient));
    });
  return y;
}

at::Tensor factorized_likelihood(const Weights &w, const std::string &name, const at::Tensor &z) {
  const at::Tensor by_channel = z.transpose(0, 1);
  const at::Tensor values = by_channel.reshape({z.size(1), 1, -1});
  const at::Tensor lower = cumulative_logits(w, name, values - 0.5);
  const at::Tensor upper = cumulative_logits(w, name, values + 0.5);
  // Far in the upper tail both are next to 1, and their difference is lost; in the lower it is not.
  const at::Tensor side = at::sign(lower + upper).neg().detach();
  const at::Tensor likelihood = at::abs(at::sigmoid(side * upper) - at::sigmoid(side * lower));
  return lower_bound(likelihood.reshape(by_channel.sizes()).transpose(0, 1), kLikelihoodBound);
}

Weights make_factorized_prior(const std::string &name, int channels, double init_scale) {
  Weights w;
  const double scale = std::pow(init_scale, 1.0 / kSteps);
  for (int i = 0; i < kSteps; ++i) {
    const double matrix = std::log(std::expm1(1 / scale / kWidths[i + 1]));
    w[parameter(name, ".matrix", i)] = at::full({channels, kWidths[i + 1], kWidths[i]}, matrix);
    w[parameter(name, ".bias", i)] = at::rand({channels, kWidths[i + 1], 1}) - 0.5;
    if (i + 1 < kSteps) w[parameter(name, ".factor", i)] = at::zeros({channels, kWidths[i + 1], 1});
  }
  return w;
}

at::Tensor gaussian_likelihood(const at::Tensor &y, const at::Tensor &scales,
                               const at::Tensor &means) {
  const at::Tensor distance = at::abs(means.defined() ? y - means : y);
  const at::Tensor scale = lower_bound(scales, kScaleBound);
  const at::Tensor likelihood =
      cumulative((0.5 - distance) / scale) - cumulative((-0.5 - distance) / scale);
  return lower_bound(likelihood, kLikelihoodBound);
}

at::Tensor bits(const at::Tensor &likelihood) {
  return at::log2(likelihood).sum().neg();
}

}  // namespace feat::hyperprior
