// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {
namespace {

// -log2(numerator / 512) with kRateBits fractional bits, by repeated squaring: integers alone,
// so that every machine decides alike.
constexpr int32_t information(uint32_t numerator) {
  int32_t whole = 9;
  uint64_t x = numerator;  // becomes a number in [1, 2) with 31 fractional bits
  int log2 = 0;
  while ((x >> (log2 + 1)) != 0) ++log2;
  whole -= log2;
  x <<= 31 - log2;
  int32_t fraction = 0;
  for (int i = 0; i <= kRateBits; ++i) {
    x = (x * x) >> 31;
    fraction <<= 1;
    if ((x >> 32) != 0) {
      x >>= 1;
      fraction |= 1;
    }
  }
  return whole * kOneBit - ((fraction + 1) >> 1);
}

constexpr auto make_table() {
  std::array<std::array<int32_t, 2>, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    table[i][1] = information(2 * i + 1);
    table[i][0] = information(511 - 2 * i);
  }
  return table;
}

}  // namespace

constinit const std::array<std::array<int32_t, 2>, 256> kBinRate = make_table();

}  // namespace feat::vvc
