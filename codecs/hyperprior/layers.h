// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a network is made of. A network is a list of layers that run one after the other on a map of
// [channels, height, width]; the weights stand in the model's file under the layers' names.
#pragma once

#include <string>
#include <vector>

namespace feat::hyperprior {

// Weights of a layer called "name", as PyTorch orders them:
//   kConv    name.weight [out, in, kernel, kernel], name.bias [out]
//   kDeconv  name.weight [in, out, kernel, kernel], name.bias [out] (transposed convolution)
//   kGdn     name.beta [in], name.gamma [in, in]: y_i = x_i / sqrt(beta_i + sum_j gamma_ij x_j^2)
//   kIgdn    the same with a product in place of the quotient
//   kRelu, kAbs  none
//   kResidual    those of `inner`: y = x + inner(x)
// Where kernel = stride, blocks do not overlap and nothing is padded. Otherwise kernels are odd,
// the padding is kernel / 2, and a transposed convolution has an output padding of stride - 1: a
// convolution divides the size by the stride, a transposed one multiplies it.
struct Layer {
  enum class Op { kConv, kDeconv, kGdn, kIgdn, kRelu, kAbs, kResidual };
  Op op = Op::kRelu;
  std::string name;
  int in = 0;   // channels
  int out = 0;  // channels; as many as `in` where the operation does not say otherwise
  int kernel = 1;
  int stride = 1;
  std::vector<Layer> inner;
};

using Network = std::vector<Layer>;

}  // namespace feat::hyperprior
