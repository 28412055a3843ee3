// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/trellis_step.h"

#include <algorithm>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/residual_writer.h"

namespace feat::vvc::trellis {

constexpr int32_t kPackedOne = 1 << 16 | pack_level(1);
constexpr int32_t kBookOne = kOneLevel - 1;

const LaneConstants kLaneConstants = {{1, 1, 1, 1},
                                      {3, 3, 3, 3},
                                      {4, 4, 4, 4},
                                      {7, 7, 7, 7},
                                      {8, 8, 8, 8 + 64},
                                      {3, 3, 3, 7},
                                      {kImpossible, kImpossible, kImpossible, kImpossible},
                                      {kPackedOne, kPackedOne, kPackedOne, kPackedOne},
                                      {kBookOne, kBookOne, kBookOne, kBookOne}};

void extend_one_by_one(const Place &place, const Candidates &candidates, const TrellisRates &rates,
                       const TrellisMemory &memory, const std::array<int32_t, 4> &cost,
                       const std::array<int32_t, 4> &book,
                       std::array<StoredContinuations, 2> &out) {
  const size_t inside = place.inside;
  for (size_t s = 0; s < 4; ++s) {
    for (size_t parity = 0; parity < 2; ++parity) {
      out[parity].cost[s] = kImpossible;
      out[parity].packed[s] = out[parity].book[s] = 0;
    }
    if (cost[s] >= kFar) continue;
    const PackedLevels around = memory.flags[inside][s];
    const bool may_be_zero = place.may_end_empty || book[s] >= kOneLevel;
    const bool regular = (book[s] & kBinsMask) >= 4;
    const int sig_ctx = place.position.sig_offset + std::min((partial_sum(around) + 1) >> 1, 3);
    const int rice = rice_parameter(memory.whole[inside][s], regular ? 4 : 0);
    const int zero_value = zero_position(static_cast<int>(s), rice);
    const int32_t left = book[s] - (regular && may_be_zero ? 1 : 0);
    if (!place.only_zero) {
      const int excess = std::min(partial_sum(around) - number_significant(around), 4);
      const auto greater_ctx = static_cast<size_t>(place.position.greater_offset + excess);
      for (size_t parity = 0; parity < 2; ++parity) {
        const int32_t level = candidates.Level(parity, inside, s);
        if (level == 0) continue;
        int32_t rate = kOneBit;
        if (regular) {
          rate = rates.level[level_class(level)][greater_ctx] +
                 (may_be_zero ? rates.of_significant(s, true, sig_ctx) : 0);
          if (level >= 4) rate += remainder_rate(static_cast<uint32_t>(level - 4) >> 1, rice);
        } else {
          const int32_t value = level <= zero_value ? level - 1 : level;
          rate += remainder_rate(static_cast<uint32_t>(value), rice);
        }
        out[parity].cost[s] = cost[s] + candidates.cost[parity][inside][s] + rate;
        out[parity].packed[s] = candidates.packed[parity][inside][s];
        out[parity].book[s] = left + (regular ? candidates.book[parity][inside][s] : kOneLevel);
      }
    }
    if (!may_be_zero) continue;
    const int32_t zero = cost[s] + (place.only_zero ? 0 : candidates.zero[inside]) +
                         (regular ? rates.of_significant(s, false, sig_ctx)
                                  : remainder_rate(static_cast<uint32_t>(zero_value), rice));
    if (zero < out[0].cost[s]) {
      out[0].cost[s] = zero;
      out[0].packed[s] = 0;
      out[0].book[s] = left;
    }
  }
}

}  // namespace feat::vvc::trellis
