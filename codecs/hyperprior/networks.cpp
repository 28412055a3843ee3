// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/networks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sqrt.h>

#include <stdexcept>

namespace feat::hyperprior {

namespace {

// Zeros around the input of a (transposed) convolution.
int64_t padding_of(int64_t kernel, int64_t stride) {
  return kernel == stride ? 0 : kernel / 2;
}

at::Tensor convolution(const Layer &layer, const at::Tensor &weight, const at::Tensor &bias,
                       const at::Tensor &x) {
  return at::conv2d(x, weight, bias, layer.stride, padding_of(layer.kernel, layer.stride));
}

at::Tensor deconvolution(const Layer &layer, const at::Tensor &weight, const at::Tensor &bias,
                         const at::Tensor &x) {
  if (!x.is_cuda()) return phase_deconvolution(x, weight, bias, layer.stride);
  return at::conv_transpose2d(x, weight, bias, layer.stride, padding_of(layer.kernel, layer.stride),
                              layer.kernel == layer.stride ? 0 : layer.stride - 1);
}

at::Tensor gdn(const Layer &layer, const Weights &weights, const at::Tensor &x) {
  const at::Tensor &beta = weight_of(weights, layer.name + ".beta");
  const at::Tensor &gamma = weight_of(weights, layer.name + ".gamma");
  // Squares may be beyond what the type of x holds: beta and gamma have one that suffices.
  const at::Tensor wide = x.to(beta.scalar_type());
  const at::Tensor norm = at::conv2d(wide * wide, gamma.unsqueeze(-1).unsqueeze(-1), beta);
  const bool inverse = layer.op == Layer::Op::kIgdn;
  if (norm.requires_grad())
    return (wide * (inverse ? at::sqrt(norm) : at::rsqrt(norm))).to(x.scalar_type());
  // Maps are large: in the same memory.
  return (inverse ? norm.sqrt_() : norm.rsqrt_()).mul_(wide).to(x.scalar_type());
}

at::Tensor run_layer(const Layer &layer, const Weights &weights, const at::Tensor &x) {
  switch (layer.op) {
    case Layer::Op::kConv:
      return convolution(layer, weight_of(weights, layer.name + ".weight"),
                         weight_of(weights, layer.name + ".bias"), x);
    case Layer::Op::kDeconv:
      return deconvolution(layer, weight_of(weights, layer.name + ".weight"),
                           weight_of(weights, layer.name + ".bias"), x);
    case Layer::Op::kGdn:
    case Layer::Op::kIgdn:
      return gdn(layer, weights, x);
    case Layer::Op::kRelu:
      return at::relu(x);
    case Layer::Op::kAbs:
      return at::abs(x);
    case Layer::Op::kResidual:
      return x + run(layer.inner, weights, x);
  }
  throw std::out_of_range("a layer is of no kind");
}

}  // namespace

const at::Tensor &weight_of(const Weights &weights, const std::string &name) {
  const auto found = weights.find(name);
  if (found == weights.end()) throw std::out_of_range("the weights have no tensor " + name);
  return found->second;
}

at::Tensor run(const Network &network, const Weights &weights, const at::Tensor &x) {
  at::Tensor y = x;
  for (const Layer &layer : network) y = run_layer(layer, weights, y);
  return y;
}

// Sample s * q + r of the output, s being the stride, is the sum over j of x[q + j] times the tap
// r + padding - s * j of the kernel, j from `first` to `last`. So it is an ordinary convolution,
// with other taps for each phase r: all phases are channels of one convolution.
at::Tensor phase_deconvolution(const at::Tensor &x, const at::Tensor &weight,
                               const at::Tensor &bias, int stride) {
  const int64_t s = stride;
  const int64_t in = weight.size(0);
  const int64_t out = weight.size(1);
  const int64_t kernel = weight.size(2);
  const int64_t padding = padding_of(kernel, s);
  const int64_t first = -((kernel - 1 - padding) / s);
  const int64_t last = (s - 1 + padding) / s;
  const int64_t count = last - first + 1;
  // Tap r + padding - s * j stands at s * (last - j) + r.
  const int64_t before = s * last - padding;
  const int64_t after = s * count - kernel - before;
  const at::Tensor taps = at::flip(at::constant_pad_nd(weight, {before, after, before, after})
                                       .reshape({in, out, count, s, count, s}),
                                   {2, 4})
                              .permute({1, 3, 5, 0, 2, 4})
                              .reshape({out * s * s, in, count, count});
  const at::Tensor biases = bias.unsqueeze(-1).expand({out, s * s}).reshape({-1});
  const bool even = -first == last;
  const at::Tensor wide = even ? x : at::constant_pad_nd(x, {-first, last, -first, last});
  return at::pixel_shuffle(at::conv2d(wide, taps, biases, 1, even ? last : 0), s);
}

}  // namespace feat::hyperprior
