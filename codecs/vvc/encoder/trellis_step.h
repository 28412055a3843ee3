// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One step of the vectorised trellis: what it is given, and its form without vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/encoder/block_scan.h"
#include "codecs/vvc/encoder/trellis.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc::trellis {

// Costs differ by much less than kFar; what cannot be costs kImpossible.
inline constexpr int32_t kFar = 1 << 28;
inline constexpr int32_t kImpossible = 1 << 29;
inline constexpr int32_t kMaxZeroLoss = 1 << 27;
inline constexpr uint32_t kStart = 0x80;  // makes TableLookupBytesOr0() give 0
// A state's bookkeeping: regular bins left, and above them the levels of this sub-block.
inline constexpr int32_t kBinsMask = 0xffff;
inline constexpr int32_t kOneLevel = 1 << 16;

// The levels that the two quantisers offer for the coefficients of a sub-block, by parity. Every
// item is there for both quantisers, so that a load and a shuffle give the lanes of the states.
struct Candidates {
  struct Pairs {
    // Of even positions, then of odd ones.
    alignas(64) std::array<std::array<std::array<int32_t, 2>, 8>, 2> at;

    const std::array<int32_t, 2> &operator[](size_t i) const { return at[i & 1][i >> 1]; }
  };
  // Of even levels, then of odd ones.
  std::array<Pairs, 2> cost;                 // above `best`, kImpossible for level 0
  std::array<Pairs, 2> packed;               // level, and PackedLevels from bit 16 on
  std::array<Pairs, 2> book;                 // what the level does to the bookkeeping
  std::array<Pairs, 2> group;                // level_class()
  alignas(64) std::array<int32_t, 16> zero;  // cost of no level, above `best`
  // Change of distortion by the best candidate against no level: of even positions, odd ones.
  alignas(64) std::array<std::array<int64_t, 8>, 2> best;

  int32_t Level(size_t parity, size_t i, size_t quantizer) const {
    return packed[parity][i][quantizer] & 0xffff;
  }
  int64_t Best(size_t i) const { return best[i & 1][i >> 1]; }
};

// What a position asks of a step.
struct Place {
  const BlockScan::Position &position;
  size_t inside;  // index in the sub-block
  bool may_end_empty;
  bool only_zero;
};

// Every state's continuations with a level of one parity.
struct StoredContinuations {
  alignas(16) std::array<int32_t, 4> cost;
  alignas(16) std::array<int32_t, 4> packed;
  alignas(16) std::array<int32_t, 4> book;
};

// A step where a state has spent its context coded bins. `cost` and `book` are the states'.
void extend_one_by_one(const Place &place, const Candidates &candidates, const TrellisRates &rates,
                       const TrellisMemory &memory, const std::array<int32_t, 4> &cost,
                       const std::array<int32_t, 4> &book, std::array<StoredContinuations, 2> &out);

}  // namespace feat::vvc::trellis
