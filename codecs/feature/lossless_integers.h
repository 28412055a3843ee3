// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Integers of 32 bits for the small tables of a lossless payload: the bit length as a binary tree
// of adaptive decisions, the bits below the first one as they are.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/feature/logistic.h"
#include "codecs/feature/lossless_coder.h"
#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

template <class Coder>
bool code_bit(Coder &coder, Weight &weight, bool bit) {
  const uint32_t probability = kProbabilities[static_cast<size_t>(odds_index(weight.value()))];
  bit = coder.bit(probability, bit);
  weight.learn((bit ? 65536 : 0) - static_cast<int32_t>(probability));
  return bit;
}

class TableIntegers {
 public:
  template <class Coder>
  uint32_t code(Coder &coder, uint32_t value) {
    const int length = bit_width(value);
    uint32_t node = 1;
    for (int bit = kLengthBits - 1; bit >= 0; --bit)
      node = node << 1 |
             static_cast<uint32_t>(code_bit(coder, lengths_[node], (length >> bit & 1) != 0));
    const int coded = static_cast<int>(node) - (1 << kLengthBits);
    if (coded < 2) return static_cast<uint32_t>(coded);
    const int below = coded > 32 ? 31 : coded - 1;  // above 32 only in damaged data
    const uint32_t mask = (uint32_t{1} << below) - 1;
    return uint32_t{1} << below | coder.raw(value & mask, below);
  }

 private:
  static constexpr int kLengthBits = 6;
  std::array<Weight, 1 << kLengthBits> lengths_{};
};

}  // namespace feat::native::lossless
