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
// A byte of each state is kStart where its path has nothing.
inline constexpr uint32_t kNoPath = 0x01010101U * kStart;
// A state's bookkeeping: regular bins left, and above them the levels of this sub-block.
inline constexpr int32_t kBinsMask = 0xffff;
inline constexpr int32_t kOneLevel = 1 << 16;

// Constants of a step, which a compiler that knew them would build anew at every one.
struct LaneConstants {
  alignas(16) std::array<int32_t, 4> one;
  alignas(16) std::array<int32_t, 4> three;
  alignas(16) std::array<int32_t, 4> four;
  alignas(16) std::array<int32_t, 4> number_mask;  // of number_significant()
  // From PackedLevels to an index among two tables of 4, of which state 3 has the second.
  alignas(16) std::array<int32_t, 4> index_addend;
  alignas(16) std::array<int32_t, 4> index_limit;
  alignas(16) std::array<int32_t, 4> impossible;
  // Candidates::packed and book of level 1.
  alignas(16) std::array<int32_t, 4> packed_one;
  alignas(16) std::array<int32_t, 4> book_one;
};
extern const LaneConstants kLaneConstants;

// The levels that the two quantisers offer for the coefficients of a sub-block, by parity and
// position, in the lanes of the states: 0 and 1 use the first quantiser.
struct Candidates {
  using Lanes = std::array<std::array<int32_t, 4>, 16>;
  // Of even levels, then of odd ones.
  alignas(64) std::array<Lanes, 2> cost;    // above `best`, kImpossible for level 0
  alignas(64) std::array<Lanes, 2> packed;  // PackedLevels, and the level from bit 16 on
  alignas(64) std::array<Lanes, 2> book;    // what the level does to the bookkeeping
  // Where TrellisRates::level has level_class(), by parity and quantiser.
  alignas(64) Lanes row;
  alignas(64) std::array<int32_t, 16> zero;  // cost of no level, above `best`
  // Change of distortion by the best candidate against no level.
  alignas(64) std::array<int64_t, 16> best;
  bool remainders;  // a level may be 4 or more

  int32_t Level(size_t parity, size_t i, size_t state) const {
    return packed[parity][i][state] >> 16;
  }
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
