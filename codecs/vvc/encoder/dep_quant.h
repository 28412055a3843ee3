// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate-distortion optimised dependent quantisation: a trellis of the four quantiser states along
// the coding scan, with the rates of the very flags that will be coded.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/block_scan.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {

class DepQuantizer {
 public:
  // Chooses levels for the coefficients of a block (rows of 2^log2_w). False: the best choice is
  // no level at all, `levels` is untouched. Otherwise `cost` is rate plus change of distortion
  // against no levels, without the coded block flag.
  bool quantize(const int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step,
                const TrellisRates &rates, int32_t *levels, int64_t &cost);

 private:
  static constexpr int64_t kImpossible = int64_t{1} << 60;
  static constexpr uint8_t kStart = 4;  // predecessor of a path's first coefficient

  struct State {
    int64_t cost = kImpossible;
    int regular_bins = 0;
    int significant = 0;                    // in this sub-block
    std::array<PackedLevels, 20> levels{};  // of this sub-block; 16 stays 0
  };
  struct Decision {
    int32_t level;
    uint8_t previous;
  };
  // Nearest levels of one quantiser: by parity, with the change of distortion.
  struct Candidate {
    int32_t level;
    int64_t distortion;
  };

  void candidates(int64_t magnitude, const QuantStep &step);
  void extend(int state, const BlockScan::Position &position, PackedLevels around, bool may_be_zero,
              const TrellisRates &rates);
  void offer(int to, int64_t cost, int level, int from, int bins);
  void enter_subblock(const BlockScan &scan, int sb, bool first, const TrellisRates &rates);
  void leave_subblock(const BlockScan &scan, int sb, const TrellisRates &rates);

  std::array<std::array<Candidate, 2>, 2> candidates_{};  // [quantiser][parity]
  std::array<State, 4> current_;
  struct Next {
    int64_t cost;
    int32_t level;
    int bins;
    int from;
  };
  std::array<Next, 4> next_{};
  std::array<int64_t, 4> entry_cost_{};
  std::array<int, 4> entry_bins_{};
  int subblock_ctx_ = 0;
  LevelField field_;
  std::array<PackedLevels, 16> outside_{};
  std::array<bool, 64> coded_{};  // of the path that looks best so far, by position
  std::array<std::array<Decision, 4>, 1024> decisions_;
  std::array<std::array<bool, 4>, 64> skipped_{};
};

}  // namespace feat::vvc
