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

// Which coefficient is the first in coding order that may be worth a level.
enum class PathStart {
  kAnywhere,  // one that a level brings less distortion
  kPaying,    // one that a level brings at least what it costs among zeros
};
// Where the trellis begins: that coefficient's position in the scan, -1 if there is none.
int find_trellis_start(const BlockScan &scan, const int32_t *coefficients, const QuantStep &step,
                       const TrellisRates &rates, PathStart where);

}  // namespace feat::vvc

namespace feat::vvc::scalar {

class DepQuantizer {
 public:
  explicit DepQuantizer(PathStart where) : where_(where) {}

  // Chooses levels for the coefficients of a block (rows of 2^log2_w). False: the best choice is
  // no level at all, `levels` is untouched. Otherwise `cost` is rate plus change of distortion
  // against no levels, without the coded block flag; if it is not below `limit`, the levels are of
  // no interest and `levels` is untouched, too.
  bool quantize(const int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step,
                const TrellisRates &rates, int64_t limit, int32_t *levels, int64_t &cost);

 private:
  static constexpr int64_t kImpossible = int64_t{1} << 60;
  static constexpr uint8_t kStart = 4;  // predecessor of a path's first coefficient

  // A path to one of the four states.
  struct State {
    int64_t cost;
    int32_t regular_bins;
    int32_t significant;                  // levels in this sub-block
    std::array<PackedLevels, 16> around;  // of the positions of this sub-block
  };
  using States = std::array<State, 4>;
  // What a path has left in the sub-blocks behind it.
  struct Past {
    LevelField field{};
    std::array<bool, 64> coded;  // by position
  };
  using Pasts = std::array<Past, 4>;
  struct Decision {
    int16_t level;
    uint8_t previous;
  };
  // A level that one of the quantisers offers, with the change of distortion against 0.
  struct Candidate {
    int32_t level;
    int64_t distortion;
  };
  // A state's best continuation with a level of one parity.
  struct Continuation {
    int64_t cost;
    int32_t level;
    int32_t bins;
  };

  void set_candidates(int64_t magnitude, const QuantStep &step);
  void extend(size_t s, const BlockScan::Position &position, size_t inside, bool may_be_zero,
              const TrellisRates &rates);
  void extend_with_zero(const BlockScan::Position &position, size_t inside, bool may_end_empty,
                        const TrellisRates &rates);
  bool surrounded_by_zeros(size_t inside) const;
  void start_path(const BlockScan::Position &position, const TrellisRates &rates);
  void advance(int i, const BlockScan::Observers &observers);
  void enter_subblock(const BlockScan &scan, int sb, bool first, const TrellisRates &rates);
  void leave_subblock(const BlockScan &scan, int sb, const TrellisRates &rates);
  void keep_past(const BlockScan &scan, int sb, size_t state);

  PathStart where_;
  std::array<States, 2> states_;
  States *now_ = nullptr;
  States *next_ = nullptr;
  std::array<std::array<Candidate, 2>, 2> candidates_{};      // [quantiser][parity]
  std::array<std::array<Continuation, 2>, 4> continuations_;  // [state][parity]
  std::array<Continuation, 2> starts_;                        // [parity]
  int budget_ = 0;                                            // of context coded bins

  std::array<int64_t, 4> entry_cost_{};
  std::array<int32_t, 4> entry_bins_{};
  std::array<size_t, 4> subblock_ctx_{};
  std::array<Pasts, 2> pasts_;
  Pasts *past_ = nullptr;  // at the beginning of the sub-block
  Pasts *next_past_ = nullptr;
  std::array<std::array<Decision, 4>, 1024> decisions_;
  std::array<std::array<bool, 4>, 64> skipped_{};
};

}  // namespace feat::vvc::scalar
