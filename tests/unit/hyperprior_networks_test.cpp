// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/networks.h"

#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "codecs/hyperprior/rate_model.h"
#include "tests/unit/hyperprior_reference.h"

namespace feat::hyperprior {
namespace {

// Of -1 to 1, from a hash of the name.
at::Tensor example(const std::string &name, std::vector<int64_t> shape) {
  int64_t count = 1;
  for (const int64_t side : shape) count *= side;
  return reference::tensor(reference::numbers(name, size_t(count)), shape) * 2 - 1;
}

double largest(const at::Tensor &x) {
  return x.abs().max().item<double>();
}

double difference(const at::Tensor &a, const at::Tensor &b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return a.sizes() == b.sizes() ? largest(a - b) / largest(b) : 1;
}

struct Gradients {
  at::Tensor output;
  std::vector<at::Tensor> of;
};

// Of the sum of weighted outputs.
template <typename Work>
Gradients gradients(const std::vector<at::Tensor> &inputs, const Work &work) {
  std::vector<at::Tensor> own;
  for (const at::Tensor &input : inputs)
    own.push_back(input.detach().clone().set_requires_grad(true));
  Gradients result;
  result.output = work(own);
  (result.output * example("gradient", result.output.sizes().vec())).sum().backward();
  for (const at::Tensor &input : own) result.of.push_back(input.grad());
  return result;
}

class PhaseDeconvolution : public testing::TestWithParam<std::array<int, 2>> {};

TEST_P(PhaseDeconvolution, IsTransposedConvolution) {
  const auto [kernel, stride] = GetParam();
  const int padding = kernel == stride ? 0 : kernel / 2;
  const int output_padding = kernel == stride ? 0 : stride - 1;
  const int s = stride;
  const std::vector<at::Tensor> inputs = {example("x", {2, 6, 5, 7}),
                                          example("w", {6, 3, kernel, kernel}), example("b", {3})};
  const Gradients golden = gradients(inputs, [&](const std::vector<at::Tensor> &in) {
    return at::conv_transpose2d(in[0], in[1], in[2], s, padding, output_padding);
  });
  const Gradients own = gradients(inputs, [&](const std::vector<at::Tensor> &in) {
    return phase_deconvolution(in[0], in[1], in[2], s);
  });
  EXPECT_EQ(own.output.sizes(), (std::vector<int64_t>{2, 3, 5 * s, 7 * s}));
  EXPECT_LT(difference(own.output, golden.output), 1e-5);
  for (size_t i = 0; i < inputs.size(); ++i)
    EXPECT_LT(difference(own.of[i], golden.of[i]), 1e-5) << i;
}

INSTANTIATE_TEST_SUITE_P(Kernels, PhaseDeconvolution,
                         testing::ValuesIn(std::vector<std::array<int, 2>>{{1, 1},
                                                                           {3, 1},
                                                                           {5, 1},
                                                                           {3, 2},
                                                                           {5, 2},
                                                                           {7, 2},
                                                                           {5, 3},
                                                                           {7, 3},
                                                                           {3, 5},
                                                                           {2, 2},
                                                                           {4, 4},
                                                                           {8, 8}}));

TEST(Networks, GdnIsItsFormula) {
  const int channels = 4;
  const Weights w = {{"n.beta", example("beta", {channels}).abs() + 0.1},
                     {"n.gamma", example("gamma", {channels, channels}).abs()}};
  const at::Tensor x = example("x", {1, channels, 2, 3});
  const Layer::Op ops[] = {Layer::Op::kGdn, Layer::Op::kIgdn};
  for (const Layer::Op op : ops) {
    const at::Tensor y = run({reference::without_kernel(op, "n", channels)}, w, x);
    for (int i = 0; i < channels; ++i) {
      double norm = w.at("n.beta")[i].item<double>();
      for (int j = 0; j < channels; ++j)
        norm += w.at("n.gamma")[i][j].item<double>() * std::pow(x[0][j][1][2].item<double>(), 2);
      const double factor = op == Layer::Op::kGdn ? 1 / std::sqrt(norm) : std::sqrt(norm);
      EXPECT_NEAR(y[0][i][1][2].item<double>(), x[0][i][1][2].item<double>() * factor, 1e-6);
    }
  }
}

TEST(Networks, GdnHasTheSameGradientsAsItsParts) {
  const std::vector<at::Tensor> inputs = {
      example("x", {1, 4, 2, 3}), example("beta", {4}).abs() + 0.1, example("gamma", {4, 4}).abs()};
  for (const bool inverse : {false, true}) {
    const Layer::Op op = inverse ? Layer::Op::kIgdn : Layer::Op::kGdn;
    const Gradients own = gradients(inputs, [&](const std::vector<at::Tensor> &in) {
      return run({reference::without_kernel(op, "n", 4)}, {{"n.beta", in[1]}, {"n.gamma", in[2]}},
                 in[0]);
    });
    const Gradients golden = gradients(inputs, [&](const std::vector<at::Tensor> &in) {
      const at::Tensor squares = (in[0] * in[0]).unsqueeze(1);
      const at::Tensor norm =
          (in[2].reshape({1, 4, 4, 1, 1}) * squares).sum(2) + in[1].reshape({1, 4, 1, 1});
      return in[0] * norm.pow(inverse ? 0.5 : -0.5);
    });
    EXPECT_LT(difference(own.output, golden.output), 1e-5);
    for (size_t i = 0; i < inputs.size(); ++i)
      EXPECT_LT(difference(own.of[i], golden.of[i]), 1e-5) << inverse << i;
  }
}

TEST(Networks, ResidualAddsItsInput) {
  const Layer inner = reference::with_kernel(Layer::Op::kConv, "c", 2, 2, 3, 1);
  Layer residual = reference::without_kernel(Layer::Op::kResidual, "r", 2);
  residual.inner = {inner, reference::without_kernel(Layer::Op::kRelu, "a", 2)};
  const Weights w = {{"c.weight", example("w", {2, 2, 3, 3})}, {"c.bias", example("b", {2})}};
  const at::Tensor x = example("x", {1, 2, 5, 6});
  const at::Tensor inside = run({inner}, w, x).clamp_min(0);
  EXPECT_GT(largest(inside), 0);
  EXPECT_LT(difference(run({residual}, w, x), x + inside), 1e-6);
}

TEST(Networks, NameTheTensorThatIsMissing) {
  const Network network = {reference::with_kernel(Layer::Op::kConv, "g_a.7", 2, 2, 3, 1)};
  try {
    run(network, {{"g_a.7.weight", example("w", {2, 2, 3, 3})}}, example("x", {1, 2, 5, 6}));
    FAIL() << "nothing was thrown";
  } catch (const std::out_of_range &e) {
    EXPECT_STREQ(e.what(), "the weights have no tensor g_a.7.bias");
  }
}

struct Golden {
  double samples[8];
  double sum;
  double squares;
};

// The golden values below are what hyperprior_reference.py prints.
constexpr Golden kY = {{0.244554845, -0.440083998, 0.153072436, -0.93021274, -0.915647426,
                        0.668931824, 3.31667538, 2.43211709},
                       -53.9247704,
                       9493.14607};
constexpr Golden kZ = {{0.0176533672, -0.74704042, -1.04111509, 0.359923239, 0.0627412667,
                        -1.48874693, 0.45682016, -0.537421138},
                       -27.0276086,
                       131.284507};
constexpr Golden kScales = {{1.71945882, 1.86672769, 2.25316878, 1.68501123, 2.45269344, 1.94593822,
                             1.40180096, 2.08926123},
                            12726.7209,
                            27739.2435};
constexpr Golden kReconstruction = {{0.00521884745, 0.139803453, -0.0237101735, 0.178649513,
                                     0.0215351963, -0.107071988, -0.0887455119, -0.0395093107},
                                    -21.1156351,
                                    191.050921};
constexpr double kYBits = 16595.0262;
constexpr double kZBits = 1379.00081;

// `accuracy` is relative to the root of the mean square.
void expect_golden(const at::Tensor &x, const Golden &golden, double accuracy) {
  const at::Tensor values = x.to(at::kDouble).reshape({-1});
  const int64_t count = values.numel();
  const double typical = std::sqrt(golden.squares / double(count));
  for (int64_t i = 0; i < 8; ++i)
    EXPECT_NEAR(values[i * (count - 1) / 7].item<double>(), golden.samples[i], accuracy * typical)
        << i;
  EXPECT_NEAR(values.sum().item<double>(), golden.sum, accuracy * typical * double(count));
  EXPECT_NEAR((values * values).sum().item<double>(), golden.squares, accuracy * golden.squares);
}

TEST(Networks, AreThoseOfCompressAi) {
  const reference::Networks networks = reference::networks();
  Weights w;
  for (const Network *network : {&networks.analysis, &networks.hyper_analysis,
                                 &networks.hyper_synthesis, &networks.synthesis})
    reference::add_weights(*network, w);
  reference::add_prior(reference::kHidden, w);
  const at::Tensor plane =
      reference::tensor(reference::numbers("plane.3", 64 * 128), {1, 1, 64, 128});

  const at::Tensor y = run(networks.analysis, w, plane);
  EXPECT_EQ(y.sizes(), (std::vector<int64_t>{1, reference::kLatents, 4, 8}));
  expect_golden(y, kY, 1e-4);
  const at::Tensor z = run(networks.hyper_analysis, w, y);
  EXPECT_EQ(z.sizes(), (std::vector<int64_t>{1, reference::kHidden, 1, 2}));
  expect_golden(z, kZ, 1e-4);
  const at::Tensor scales = run(networks.hyper_synthesis, w, z.round());
  expect_golden(scales, kScales, 1e-4);
  expect_golden(run(networks.synthesis, w, y.round()), kReconstruction, 1e-4);

  EXPECT_NEAR(bits(gaussian_likelihood(y.round(), scales, {})).item<double>(), kYBits,
              1e-4 * kYBits);
  EXPECT_NEAR(bits(factorized_likelihood(w, "prior", z.round())).item<double>(), kZBits,
              1e-4 * kZBits);
}

at::Tensor values(const std::vector<double> &v) {
  return reference::tensor(v, {static_cast<int64_t>(v.size())});
}

std::vector<double> gradient_of_bound(const at::Tensor &x, double sign) {
  const at::Tensor own = x.clone().set_requires_grad(true);
  (lower_bound(own, 0.5) * sign).sum().backward();
  std::vector<double> out;
  for (int64_t i = 0; i < x.numel(); ++i) out.push_back(own.grad()[i].item<double>());
  return out;
}

TEST(LowerBound, LetsGradientsRaiseWhatIsBelow) {
  const at::Tensor x = values({-3, 0.25, 0.5, 2});
  EXPECT_TRUE(lower_bound(x, 0.5).equal(values({0.5, 0.5, 0.5, 2})));
  // A descent raises what has a negative gradient.
  EXPECT_EQ(gradient_of_bound(x, -1), (std::vector<double>{-1, -1, -1, -1}));
  EXPECT_EQ(gradient_of_bound(x, 1), (std::vector<double>{0, 0, 1, 1}));
}

TEST(NonNegative, GivesBackWhatWasStored) {
  const at::Tensor x = values({0, 1e-6, 0.1, 1, 7});
  EXPECT_LT(largest(non_negative_value(non_negative_root(x), 0) - x), 1e-6);
  EXPECT_GE(non_negative_value(values({-2, 0}), 1e-6).min().item<double>(), 0.99e-6);
}

TEST(GaussianLikelihood, IsAnIntegralOfTheDensity) {
  const at::Tensor y = at::linspace(-40, 40, 81);
  const at::Tensor none = {};
  for (const double scale : {0.05, 0.3, 1.0, 8.0}) {
    const at::Tensor p = gaussian_likelihood(y, at::ones(81) * scale, none);
    EXPECT_NEAR(p.sum().item<double>(), 1, 1e-5) << scale;
    const double bounded = std::max(scale, kScaleBound);
    EXPECT_NEAR(p[40].item<double>(), std::erf(0.5 / bounded / std::sqrt(2.)), 1e-6);
    EXPECT_TRUE(gaussian_likelihood(y + 3, at::ones(81) * scale, at::ones(81) * 3).allclose(p));
  }
  EXPECT_NEAR(bits(gaussian_likelihood(values({500}), values({1}), none)).item<double>(),
              -std::log2(kLikelihoodBound), 1e-3);
}

TEST(FactorizedPrior, IsADistribution) {
  const Weights w = make_factorized_prior("p", 3);
  // Every channel has all integers.
  const at::Tensor z = at::linspace(-300, 300, 601).reshape({1, 1, 1, 601}).expand({1, 3, 1, 601});
  const at::Tensor p = factorized_likelihood(w, "p", z);
  EXPECT_EQ(p.sizes(), z.sizes());
  const at::Tensor sums = p.sum({0, 2, 3});
  for (int64_t c = 0; c < 3; ++c) EXPECT_NEAR(sums[c].item<double>(), 1, 1e-3) << c;
  // A batch that is not contiguous gives the same.
  const at::Tensor batch = example("z", {5, 2, 4, 3}).permute({1, 3, 0, 2}) * 20;
  const at::Tensor all = factorized_likelihood(w, "p", batch);
  for (int64_t b = 0; b < 2; ++b)
    EXPECT_TRUE(
        factorized_likelihood(w, "p", batch.slice(0, b, b + 1)).allclose(all.slice(0, b, b + 1)));
}

TEST(FactorizedPrior, CanBeTrained) {
  Weights w = make_factorized_prior("p", 2);
  for (auto &[name, tensor] : w) tensor.set_requires_grad(true);
  const at::Tensor z = example("z", {1, 2, 8, 8}) * 3;
  double before = 0;
  double after = 0;
  for (int step = 0; step < 30; ++step) {
    const at::Tensor loss = bits(factorized_likelihood(w, "p", z)) / z.numel();
    loss.backward();
    after = loss.item<double>();
    if (step == 0) before = after;
    for (auto &[name, tensor] : w) {
      tensor = (tensor - tensor.grad() * 0.5).detach();
      tensor.set_requires_grad(true);
    }
  }
  EXPECT_LT(after, before - 0.3);
}

}  // namespace
}  // namespace feat::hyperprior
