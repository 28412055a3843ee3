// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Between latents and the integers that are coded for them, on a CPU or a GPU.
#pragma once

#include <cstdint>

#include "codecs/common/host_device.h"
#include "codecs/hyperprior/integer_network.h"

namespace feat::hyperprior {

// Far beyond what any plane gives, and small enough for integers.
inline constexpr int32_t kMaxSymbol = 1 << 20;
// A model of steps is trained with 6 / ln 2 bits for the squared error of one step.
inline constexpr double kErrorBits = 6 / 0.693147180559945309417232121458176568;

FEATURE_HD inline float mean_of(int32_t mean) {
  return static_cast<float>(mean) / kOutputScale;
}

// The nearest integer, the one farther from 0 of two. False: the value is no number.
FEATURE_HD inline bool round_symbol(float value, int32_t &symbol) {
  constexpr float kLargest = 0x1.fffffep127F;
  const float size = value < 0 ? -value : value;
  if (!(size <= kLargest)) return false;
  if (size >= static_cast<float>(kMaxSymbol)) {
    symbol = value < 0 ? -kMaxSymbol : kMaxSymbol;
    return true;
  }
  auto whole = static_cast<int32_t>(size);
  if (size - static_cast<float>(whole) >= 0.5F) ++whole;
  symbol = value < 0 ? -whole : whole;
  return true;
}

// The symbol, or its neighbour nearer to 0 where the bits that this saves are worth the error.
// `bits` tells what a symbol costs.
template <class Bits>
FEATURE_HD int32_t weigh_symbol(float latent, float mean, int32_t symbol, const Bits &bits) {
  if (symbol == 0) return 0;
  const double value = latent - mean;
  const int32_t nearer = symbol > 0 ? symbol - 1 : symbol + 1;
  const double error = (value - nearer) * (value - nearer) - (value - symbol) * (value - symbol);
  const double saved = bits(symbol) - bits(nearer);
  return saved > kErrorBits * error ? nearer : symbol;
}

// What the synthesis gets; `factor` takes the gain back.
FEATURE_HD inline float restore_latent(int32_t symbol, float mean, float factor) {
  return (static_cast<float>(symbol) + mean) * factor;
}

}  // namespace feat::hyperprior
