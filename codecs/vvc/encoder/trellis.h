// SPDX-License-Identifier: LGPL-2.1-or-later
//
// scalar::DepQuantizer with the four states in the lanes of a vector, in 32-bit costs relative to
// a common base.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/encoder/block_scan.h"
#include "codecs/vvc/encoder/dep_quant.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {

// What the trellis writes and reads again while it works on a block.
struct TrellisMemory {
  // Sums around the positions of the sub-block in work, for each state: the low and the high byte
  // of PackedLevels.
  using Bytes = std::array<std::array<uint8_t, 4>, 16>;
  alignas(64) Bytes flags;
  alignas(64) Bytes whole;
  // By position: PackedLevels and level of each state, and in a byte each the states before.
  alignas(16) std::array<std::array<uint32_t, 4>, 1024> packed;
  std::array<uint32_t, 1024> from;
  // By position.
  alignas(64) std::array<uint32_t, 1024> magnitudes;
  std::array<std::array<bool, 4>, 64> skipped;  // sub-blocks, by the state after them
  // Levels of sub-blocks by position, as the sums above: in 64 bits the low bytes of PackedLevels
  // for each state after the sub-block, and the high ones.
  using Pairs = std::array<uint64_t, 16>;
  alignas(64) std::array<Pairs, 64> kept;
  // For each sub-block of the scan and kNoSubblock, in a byte for each state: whose kept levels
  // its path has there, kStart for none.
  alignas(16) std::array<uint32_t, BlockScan::kNoSubblock + 4> owners;
  size_t first_subblock;  // in coding order
};

class DepQuantizer {
 public:
  explicit DepQuantizer(PathStart where) : where_(where), reference_(where) {}

  // As scalar::DepQuantizer::quantize().
  bool quantize(const int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step,
                const TrellisRates &rates, int64_t limit, int32_t *levels, int64_t &cost);

 private:
  PathStart where_;
  TrellisMemory memory_;
  scalar::DepQuantizer reference_;
};

}  // namespace feat::vvc
