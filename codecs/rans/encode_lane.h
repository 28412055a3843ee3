// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Encoding what one lane has, on a CPU or a GPU. `Words` take words by put(word), the decoder's
// last one first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "codecs/common/host_device.h"
#include "codecs/rans/state.h"
#include "codecs/rans/tables.h"

namespace feat::rans {

// A symbol, raw bits, and an escape's sign, zeros and distance, all of them together in words that
// are at most begun by what was before.
inline constexpr size_t kMaxWordsPerValue = 8;

// Whether a word must go before a symbol of that frequency, or `count` bits, fit in.
FEATURE_HD inline bool full_for_symbol(uint32_t state, uint32_t frequency) {
  return state >> 16 >= frequency;
}
FEATURE_HD inline bool full_for_bits(uint32_t state, int count) {
  return state >> (32 - count) != 0;
}

// There is room.
FEATURE_HD inline uint32_t with_symbol(uint32_t state, const EncodeTable &table,
                                       const EncodeTable::Symbol &symbol) {
  const uint32_t frequency = symbol.frequency;
  const uint32_t quotient = state / frequency;
  return quotient << 16 | table.slot(symbol, state - quotient * frequency);
}

template <class Words>
FEATURE_HD void put_bits(uint32_t &state, int count, uint32_t bits, Words &words) {
  if (full_for_bits(state, count)) {
    words.put(static_cast<uint16_t>(state));
    state >>= 16;
  }
  state = state << count | bits;
}

template <class Words>
FEATURE_HD void put_escape(uint32_t &state, const CodedSymbol &symbol, Words &words) {
  const auto low = [](uint32_t bits, int count) { return bits & ((1U << count) - 1); };
  const int rest = std::bit_width(symbol.distance) - 1;  // bits below the highest one
  const int upper = rest < kMaxUniformBits ? rest : kMaxUniformBits;
  if (rest > upper) put_bits(state, rest - upper, low(symbol.distance, rest - upper), words);
  if (upper > 0) put_bits(state, upper, low(symbol.distance >> (rest - upper), upper), words);
  put_bits(state, 1, 1, words);
  for (int i = 0; i < rest; ++i) put_bits(state, 1, 0, words);
  put_bits(state, 1, symbol.below ? 1 : 0, words);
}

}  // namespace feat::rans
