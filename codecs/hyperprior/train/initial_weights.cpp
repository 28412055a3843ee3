// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/architecture.h"
// Behind the headers of networks, as clang needs it.
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "codecs/hyperprior/non_negative.h"
#include "codecs/hyperprior/rate_model.h"

namespace feat::hyperprior::train {

namespace {

using Op = Layer::Op;

// In scale_table(): a deviation of about 0.7 steps.
constexpr double kFirstPlace = 15;
// Of hyper-latents: CompressAI's for its model. There are few bits to spend on those of the default
// model, which begins nearer to them.
constexpr double kReferenceSpread = 10;
constexpr double kSpread = 3;

at::Tensor uniform(at::IntArrayRef shape, double bound) {
  return (at::rand(shape) * 2 - 1) * bound;
}

// What PyTorch's layers begin with.
void init_convolution(const Layer &l, Weights &w) {
  const bool transposed = l.op == Op::kDeconv;
  const double bound = 1 / std::sqrt((transposed ? l.out : l.in) * l.kernel * l.kernel);
  const int first = transposed ? l.in : l.out;
  const int second = transposed ? l.out : l.in;
  w[l.name + ".weight"] = uniform({first, second, l.kernel, l.kernel}, bound);
  w[l.name + ".bias"] = uniform({l.out}, bound);
}

void init(const Network &network, Weights &w) {
  for (const Layer &l : network) switch (l.op) {
      case Op::kConv:
      case Op::kDeconv:
        init_convolution(l, w);
        break;
      case Op::kGdn:
      case Op::kIgdn:
        w[l.name + ".beta"] = non_negative_root(at::ones({l.in}));
        w[l.name + ".gamma"] = non_negative_root(at::eye(l.in) * 0.1);
        break;
      case Op::kResidual:
        init(l.inner, w);
        // So that the block changes nothing at first.
        w[l.inner.back().name + ".weight"].zero_();
        w[l.inner.back().name + ".bias"].zero_();
        break;
      case Op::kRelu:
      case Op::kAbs:
        break;
    }
}

// The functions of the orthonormal two-dimensional DCT-II, low frequencies first:
// [count, 1, side, side].
at::Tensor dct_functions(int count, int side) {
  std::vector<std::pair<int, int>> frequencies;
  for (int v = 0; v < side; ++v)
    for (int u = 0; u < side; ++u) frequencies.emplace_back(v, u);
  std::stable_sort(frequencies.begin(), frequencies.end(), [](const auto &a, const auto &b) {
    return a.first + a.second < b.first + b.second;
  });
  const auto wave = [side](int frequency, int place) {
    return std::sqrt((frequency == 0 ? 1.0 : 2.0) / side) *
           std::cos(std::numbers::pi * (place + 0.5) * frequency / side);
  };
  std::vector<float> values;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x)
        values.push_back(
            static_cast<float>(wave(frequencies[i].first, y) * wave(frequencies[i].second, x)));
  return at::from_blob(values.data(), {count, 1, side, side},
                       at::TensorOptions(c10::ScalarType::Float))
      .clone();
}

void begin_at_dct(const ModelDescription &model, Weights &w) {
  const Layer &first = model.analysis.front();
  const Layer &last = model.synthesis.back();
  w[first.name + ".weight"] = dct_functions(model.latents, first.kernel);
  w[first.name + ".bias"].zero_();
  w[last.name + ".weight"] = dct_functions(model.latents, last.kernel);
  w[last.name + ".bias"].zero_();
}

void init_gains(const ModelDescription &model, Weights &w) {
  const auto steps = static_cast<int64_t>(model.steps.size());
  at::Tensor gains = at::zeros({steps, model.latents});
  for (int64_t i = 0; i < steps; ++i)
    gains.select(0, i).fill_(-std::log(double{model.steps[static_cast<size_t>(i)]}));
  w[kGains] = gains;
}

void make_effective(const Network &network, Weights &w) {
  for (const Layer &l : network)
    if (l.op == Op::kGdn || l.op == Op::kIgdn) {
      at::Tensor &beta = w[l.name + ".beta"];
      at::Tensor &gamma = w[l.name + ".gamma"];
      beta = non_negative_value(beta, kMinGdnBeta);
      gamma = non_negative_value(gamma, kMinGdnGamma);
    }
}

}  // namespace

Weights initial_weights(const ModelDescription &model, uint64_t seed) {
  at::manual_seed(seed);
  const bool reference = model.input == Input::kUnitRange;
  Weights w =
      make_factorized_prior(kPrior, model.hyper_latents, reference ? kReferenceSpread : kSpread);
  for (const Network *network :
       {&model.analysis, &model.hyper_analysis, &model.hyper_synthesis, &model.synthesis})
    init(*network, w);
  if (!reference) begin_at_dct(model, w);
  if (!model.steps.empty()) init_gains(model, w);
  if (model.scale_places)
    w[model.hyper_synthesis.back().name + ".bias"].slice(0, 0, model.latents).fill_(kFirstPlace);
  return w;
}

Weights effective_weights(const ModelDescription &model, const Weights &trained) {
  Weights w = trained;
  make_effective(model.analysis, w);
  make_effective(model.synthesis, w);
  return w;
}

}  // namespace feat::hyperprior::train
