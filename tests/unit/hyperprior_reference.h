// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The scale hyperprior of Ballé et al. (2018) for planes of one channel, with parameters from a
// hash, as hyperprior_reference.py has them.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/hyperprior/layers.h"
#include "codecs/hyperprior/networks.h"
#include "codecs/hyperprior/non_negative.h"

namespace feat::hyperprior::reference {

inline constexpr int kHidden = 128;
inline constexpr int kLatents = 192;

struct Networks {
  Network analysis;
  Network hyper_analysis;
  Network hyper_synthesis;
  Network synthesis;
};

inline Layer with_kernel(Layer::Op op, const std::string &name, int in, int out, int kernel,
                         int stride) {
  return {op, name, in, out, kernel, stride, {}};
}

inline Layer without_kernel(Layer::Op op, const std::string &name, int channels) {
  return {op, name, channels, channels, 1, 1, {}};
}

inline Networks networks(int hidden = kHidden, int latents = kLatents) {
  using Op = Layer::Op;
  const int n = hidden;
  const int m = latents;
  return {
      .analysis =
          {
              with_kernel(Op::kConv, "g_a.0", 1, n, 5, 2),
              without_kernel(Op::kGdn, "g_a.1", n),
              with_kernel(Op::kConv, "g_a.2", n, n, 5, 2),
              without_kernel(Op::kGdn, "g_a.3", n),
              with_kernel(Op::kConv, "g_a.4", n, n, 5, 2),
              without_kernel(Op::kGdn, "g_a.5", n),
              with_kernel(Op::kConv, "g_a.6", n, m, 5, 2),
          },
      .hyper_analysis =
          {
              without_kernel(Op::kAbs, "abs", m),
              with_kernel(Op::kConv, "h_a.0", m, n, 3, 1),
              without_kernel(Op::kRelu, "h_a.1", n),
              with_kernel(Op::kConv, "h_a.2", n, n, 5, 2),
              without_kernel(Op::kRelu, "h_a.3", n),
              with_kernel(Op::kConv, "h_a.4", n, n, 5, 2),
          },
      .hyper_synthesis =
          {
              with_kernel(Op::kDeconv, "h_s.0", n, n, 5, 2),
              without_kernel(Op::kRelu, "h_s.1", n),
              with_kernel(Op::kDeconv, "h_s.2", n, n, 5, 2),
              without_kernel(Op::kRelu, "h_s.3", n),
              with_kernel(Op::kConv, "h_s.4", n, m, 3, 1),
              without_kernel(Op::kRelu, "h_s.5", m),
          },
      .synthesis =
          {
              with_kernel(Op::kDeconv, "g_s.0", m, n, 5, 2),
              without_kernel(Op::kIgdn, "g_s.1", n),
              with_kernel(Op::kDeconv, "g_s.2", n, n, 5, 2),
              without_kernel(Op::kIgdn, "g_s.3", n),
              with_kernel(Op::kDeconv, "g_s.4", n, n, 5, 2),
              without_kernel(Op::kIgdn, "g_s.5", n),
              with_kernel(Op::kDeconv, "g_s.6", n, 1, 5, 2),
          },
  };
}

// Multiples of 2^-16 in [0, 1).
inline std::vector<double> numbers(std::string_view name, size_t count) {
  uint32_t state = 2166136261U;
  for (const char c : name) state = (state ^ static_cast<uint8_t>(c)) * 16777619U;
  std::vector<double> out(count);
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t x = state + i;
    x = (x ^ (x >> 16)) * 0x45D9F3BU;
    x = (x ^ (x >> 16)) * 0x45D9F3BU;
    x ^= x >> 16;
    out[i] = (x & 0xFFFF) / 65536.0;
  }
  return out;
}

inline at::Tensor tensor(const std::vector<double> &values, at::IntArrayRef shape) {
  return at::tensor(values).to(at::kFloat).reshape(shape);
}

inline void add_kernel(const Layer &layer, Weights &weights) {
  const bool transposed = layer.op == Layer::Op::kDeconv;
  const int taps = layer.kernel * layer.kernel;
  const double fan_in =
      transposed ? layer.in * taps / double(layer.stride * layer.stride) : double(layer.in * taps);
  const double scale = layer.name.substr(0, 3) == "g_s" ? 2 : 5;
  std::vector<double> values = numbers(layer.name + ".weight", size_t(layer.in) * layer.out * taps);
  for (double &v : values) v = (v - 0.5) * (scale / std::sqrt(fan_in));
  weights[layer.name + ".weight"] =
      tensor(values, {transposed ? layer.in : layer.out, transposed ? layer.out : layer.in,
                      layer.kernel, layer.kernel});
  values = numbers(layer.name + ".bias", size_t(layer.out));
  for (double &v : values) v = layer.name == "h_s.4" ? 2 + 0.2 * v : 0.2 * (v - 0.5);
  weights[layer.name + ".bias"] = tensor(values, {layer.out});
}

inline void add_gdn(const Layer &layer, Weights &weights) {
  std::vector<double> values = numbers(layer.name + ".beta", size_t(layer.in));
  for (double &v : values) v = 0.8 + 0.4 * v;
  weights[layer.name + ".beta"] = non_negative_value(tensor(values, {layer.in}), kMinGdnBeta);
  values = numbers(layer.name + ".gamma", size_t(layer.in) * layer.in);
  for (int i = 0; i < layer.in * layer.in; ++i)
    values[size_t(i)] = 0.1 * (values[size_t(i)] - 0.3) + (i % (layer.in + 1) == 0 ? 0.3 : 0);
  weights[layer.name + ".gamma"] =
      non_negative_value(tensor(values, {layer.in, layer.in}), kMinGdnGamma);
}

// Effective parameters of all layers.
inline void add_weights(const Network &network, Weights &weights) {
  for (const Layer &layer : network) {
    if (layer.op == Layer::Op::kConv || layer.op == Layer::Op::kDeconv) add_kernel(layer, weights);
    if (layer.op == Layer::Op::kGdn || layer.op == Layer::Op::kIgdn) add_gdn(layer, weights);
    add_weights(layer.inner, weights);
  }
}

inline void add_prior(int channels, Weights &weights) {
  constexpr int kWidths[] = {1, 3, 3, 3, 3, 1};
  for (int i = 0; i < 5; ++i) {
    const int in = kWidths[i];
    const int out = kWidths[i + 1];
    const std::string step = std::to_string(i);
    std::vector<double> values = numbers("prior.matrix" + step, size_t(channels) * in * out);
    const double init = std::log(std::expm1(std::pow(10, -1 / 5.) / out));
    for (double &v : values) v = init + (v - 0.5);
    weights["prior.matrix" + step] = tensor(values, {channels, out, in});
    for (const char *kind : {"bias", "factor"}) {
      const std::string name = std::string("prior.") + kind + step;
      values = numbers(name, size_t(channels) * out);
      for (double &v : values) v -= 0.5;
      if (i < 4 || kind[0] == 'b') weights[name] = tensor(values, {channels, out, 1});
    }
  }
}

}  // namespace feat::hyperprior::reference
