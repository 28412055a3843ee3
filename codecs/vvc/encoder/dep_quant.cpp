// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/dep_quant.h"

#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/residual_writer.h"

namespace feat::vvc {
namespace {

constexpr int32_t kMaxLevel = 32767;

}  // namespace

void DepQuantizer::candidates(int64_t magnitude, const QuantStep &step) {
  const int64_t index = (magnitude * step.inverse) >> QuantStep::kInverseBits;
  const int64_t none = step.cost(magnitude);
  for (size_t quantizer = 0; quantizer < 2; ++quantizer) {
    const auto odd = static_cast<int64_t>(quantizer);
    const auto lower = static_cast<int32_t>((index + odd) >> 1);
    for (int32_t level = lower; level <= lower + 1; ++level) {
      Candidate &c = candidates_[quantizer][static_cast<size_t>(level & 1)];
      c.level = std::min(level, kMaxLevel - (1 - (level & 1)));
      c.distortion =
          c.level == 0 ? 0 : step.cost(magnitude - step.reconstruct(2 * c.level - odd)) - none;
    }
  }
}

void DepQuantizer::offer(int to, int64_t cost, int level, int from, int bins) {
  Next &n = next_[static_cast<size_t>(to)];
  if (cost < n.cost) n = {cost, level, bins, from};
}

void DepQuantizer::extend(int state, const BlockScan::Position &position, PackedLevels around,
                          bool may_be_zero, const TrellisRates &rates) {
  const State &s = current_[static_cast<size_t>(state)];
  const auto &choice = candidates_[static_cast<size_t>(state >> 1)];
  const int whole = whole_sum(around);
  if (s.regular_bins >= 4) {
    const int partial = partial_sum(around);
    const int half = std::min((partial + 1) >> 1, 3);
    const int excess = std::min(partial - number_significant(around), 4);
    const auto &significant = rates.significant[static_cast<size_t>(std::max(state - 1, 0))]
                                               [static_cast<size_t>(position.sig_offset + half)];
    const auto &level_rate = rates.level[static_cast<size_t>(position.greater_offset + excess)];
    const int sig_bin = may_be_zero ? 1 : 0;
    const int64_t coded = s.cost + (may_be_zero ? significant[1] : 0);
    if (may_be_zero) {
      offer(next_q_state(state, 0), s.cost + significant[0], 0, state, s.regular_bins - 1);
    }
    for (const Candidate &c : choice) {
      if (c.level == 0) continue;
      const int bounded = c.level < 4 ? c.level : 4 + (c.level & 1);
      int64_t cost = coded + c.distortion + level_rate[static_cast<size_t>(bounded)];
      if (c.level >= 4) {
        cost += remainder_rate(static_cast<uint32_t>(c.level - 4) >> 1, rice_parameter(whole, 4));
      }
      offer(next_q_state(state, c.level), cost, c.level, state,
            s.regular_bins - sig_bin - (c.level > 1 ? 3 : 1));
    }
    return;
  }
  const int rice = rice_parameter(whole, 0);
  const int zero = zero_position(state, rice);
  if (may_be_zero) {
    offer(next_q_state(state, 0), s.cost + remainder_rate(static_cast<uint32_t>(zero), rice), 0,
          state, s.regular_bins);
  }
  for (const Candidate &c : choice) {
    if (c.level == 0) continue;
    const int value = c.level <= zero ? c.level - 1 : c.level;
    offer(next_q_state(state, c.level),
          s.cost + c.distortion + kOneBit + remainder_rate(static_cast<uint32_t>(value), rice),
          c.level, state, s.regular_bins);
  }
}

void DepQuantizer::enter_subblock(const BlockScan &scan, int sb, bool first,
                                  const TrellisRates &rates) {
  const BlockScan::Subblock &p = scan.subblocks[static_cast<size_t>(sb)];
  const int size = 1 << scan.sb_shift;
  const bool right = p.x + 1 < scan.sb_columns && coded_[static_cast<size_t>(p.y * 8 + p.x + 1)];
  const bool below = p.y + 1 < scan.sb_rows && coded_[static_cast<size_t>(p.y * 8 + p.x + 8)];
  subblock_ctx_ = right || below ? 1 : 0;
  for (int i = 0; i < size; ++i) {
    outside_[static_cast<size_t>(i)] =
        first ? PackedLevels{0}
              : field_.neighbours(scan.positions[static_cast<size_t>(sb * size + i)].field);
  }
  for (size_t s = 0; s < 4; ++s) {
    State &state = current_[s];
    entry_cost_[s] = state.cost;
    entry_bins_[s] = state.regular_bins;
    state.significant = 0;
    state.levels.fill(0);
    if (!first && sb > 0 && state.cost < kImpossible) {
      state.cost += rates.subblock[static_cast<size_t>(subblock_ctx_)][1];
    }
  }
}

void DepQuantizer::leave_subblock(const BlockScan &scan, int sb, const TrellisRates &rates) {
  const auto sb_index = static_cast<size_t>(sb);
  size_t best = 0;
  for (size_t s = 0; s < 4; ++s) {
    State &state = current_[s];
    const int64_t skip = entry_cost_[s] + rates.subblock[static_cast<size_t>(subblock_ctx_)][0];
    skipped_[sb_index][s] = skip < state.cost && entry_cost_[s] < kImpossible;
    if (skipped_[sb_index][s]) {
      state.cost = skip;
      state.regular_bins = entry_bins_[s];
    }
    if (state.cost < current_[best].cost) best = s;
  }
  // The contexts of what follows are taken from the path that leads now.
  const int size = 1 << scan.sb_shift;
  const BlockScan::Subblock &p = scan.subblocks[sb_index];
  bool coded = false;
  if (!skipped_[sb_index][best]) {
    size_t s = best;
    for (int i = sb * size; i < (sb + 1) * size && s != kStart; ++i) {
      const Decision &d = decisions_[static_cast<size_t>(i)][s];
      field_.at[scan.positions[static_cast<size_t>(i)].field] = pack_level(d.level);
      coded = coded || d.level != 0;
      s = d.previous;
    }
  }
  coded_[static_cast<size_t>(p.y * 8 + p.x)] = coded;
}

bool DepQuantizer::quantize(const int32_t *coefficients, int log2_w, int log2_h,
                            const QuantStep &step, const TrellisRates &rates, int32_t *levels,
                            int64_t &cost) {
  const BlockScan &scan = BlockScan::get(log2_w, log2_h);
  const int mask = (1 << scan.sb_shift) - 1;
  const auto position = [&scan](int i) -> const BlockScan::Position & {
    return scan.positions[static_cast<size_t>(i)];
  };

  // A path begins in state 0, whose first level is two half steps away from 0.
  const int64_t threshold = step.reconstruct(1);
  int start = scan.count - 1;
  while (start >= 0 && std::abs(coefficients[position(start).raster]) <= threshold) --start;
  if (start < 0) return false;

  const int budget = (scan.count * 7) >> 2;
  for (State &s : current_) s.cost = kImpossible;
  coded_.fill(false);
  field_.at.fill(0);

  for (int i = start; i >= 0; --i) {
    const BlockScan::Position &p = position(i);
    const int inside = i & mask;
    const int sb = i >> scan.sb_shift;
    if (i == start || inside == mask) enter_subblock(scan, sb, i == start, rates);

    candidates(std::abs(coefficients[p.raster]), step);
    for (Next &n : next_) n.cost = kImpossible;
    const auto &near = scan.inside[static_cast<size_t>(inside)];
    for (int s = 0; s < 4; ++s) {
      const State &state = current_[static_cast<size_t>(s)];
      if (state.cost >= kImpossible) continue;
      PackedLevels around = outside_[static_cast<size_t>(inside)];
      for (const uint8_t n : near) around = static_cast<PackedLevels>(around + state.levels[n]);
      const bool inferred = inside == 0 && sb > 0 && state.significant == 0;
      extend(s, p, around, !inferred, rates);
    }
    const int64_t last = rates.last_x[p.x] + rates.last_y[p.y];
    for (const Candidate &c : candidates_[0]) {
      if (c.level == 0) continue;
      const int bounded = c.level < 4 ? c.level : 4 + (c.level & 1);
      int64_t path = last + c.distortion + rates.level[0][static_cast<size_t>(bounded)];
      if (c.level >= 4) path += remainder_rate(static_cast<uint32_t>(c.level - 4) >> 1, 0);
      offer(next_q_state(0, c.level), path, c.level, kStart, budget - (c.level > 1 ? 3 : 1));
    }

    const std::array<State, 4> before = current_;
    for (size_t s = 0; s < 4; ++s) {
      const Next &n = next_[s];
      State &state = current_[s];
      if (n.cost >= kImpossible) {
        state.cost = kImpossible;
        continue;
      }
      if (n.from == kStart) {
        state.significant = 0;
        state.levels.fill(0);
      } else {
        state = before[static_cast<size_t>(n.from)];
      }
      state.cost = n.cost;
      state.regular_bins = n.bins;
      state.significant += n.level != 0 ? 1 : 0;
      state.levels[static_cast<size_t>(inside)] = pack_level(n.level);
      decisions_[static_cast<size_t>(i)][s] = {n.level, static_cast<uint8_t>(n.from)};
    }
    if (inside == 0 && sb > 0) leave_subblock(scan, sb, rates);
  }

  size_t best = 0;
  for (size_t s = 1; s < 4; ++s) {
    if (current_[s].cost < current_[best].cost) best = s;
  }
  cost = current_[best].cost;

  for (int y = 0; y < 1 << log2_h; ++y) std::fill_n(levels + (y << log2_w), 1 << log2_w, 0);
  size_t s = best;
  for (int i = 0; i < scan.count && s != kStart; ++i) {
    if ((i & mask) == 0 && i > 0 && skipped_[static_cast<size_t>(i >> scan.sb_shift)][s]) {
      i += mask;
      continue;
    }
    const Decision &d = decisions_[static_cast<size_t>(i)][s];
    const int raster = position(i).raster;
    levels[raster] = coefficients[raster] < 0 ? -d.level : d.level;
    s = d.previous;
  }
  return true;
}

}  // namespace feat::vvc
