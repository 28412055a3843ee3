// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/dep_quant.h"

#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/residual_writer.h"

namespace feat::vvc {

// A path begins in state 0, whose first level is two half steps away from 0: a coefficient c gains
// cost(c) - cost(c - 2 half), which is cost(2 half) * (c / half - 1).
int find_trellis_start(const BlockScan &scan, const int32_t *coefficients, const QuantStep &step,
                       const TrellisRates &rates, PathStart where) {
  int64_t threshold = step.reconstruct(4) / 4;
  if (where == PathStart::kPaying) {
    const int64_t rate = rates.level[1][0] + rates.of_significant(0, true, 0);
    const int64_t unit = std::max<int64_t>(step.cost(step.reconstruct(2)), 1);
    threshold = step.reconstruct(4) * (unit + rate) / (4 * unit);
  }
  int start = scan.count - 1;
  while (start >= 0 &&
         std::abs(coefficients[scan.positions[static_cast<size_t>(start)].raster]) <= threshold) {
    --start;
  }
  return start;
}

}  // namespace feat::vvc

namespace feat::vvc::scalar {
namespace {

constexpr int32_t kMaxLevel = 32767;

}  // namespace

void DepQuantizer::set_candidates(int64_t magnitude, const QuantStep &step) {
  const int64_t index = (magnitude * step.inverse) >> QuantStep::kInverseBits;
  const int64_t none = step.cost(magnitude);
  for (size_t quantizer = 0; quantizer < 2; ++quantizer) {
    const auto odd = static_cast<int64_t>(quantizer);
    const auto lower = static_cast<int32_t>((index + odd) >> 1);
    for (int32_t level = lower; level <= lower + 1; ++level) {
      Candidate &c = candidates_[quantizer][static_cast<size_t>(level & 1)];
      c.level = std::min(level, kMaxLevel - (1 - (level & 1)));
      if (level == 2 && magnitude < step.least_for_two()) c.level = 0;
      c.distortion =
          c.level == 0 ? 0 : step.cost(magnitude - step.reconstruct(2 * c.level - odd)) - none;
    }
  }
}

void DepQuantizer::extend(size_t s, const BlockScan::Position &position, size_t inside,
                          bool may_be_zero, const TrellisRates &rates) {
  const State &state = (*now_)[s];
  const auto &choice = candidates_[s >> 1];
  auto &result = continuations_[s];
  const PackedLevels around = state.around[inside];
  const int whole = whole_sum(around);
  if (state.regular_bins >= 4) {
    const int partial = partial_sum(around);
    const int half = std::min((partial + 1) >> 1, 3);
    const int excess = std::min(partial - number_significant(around), 4);
    const int sig_ctx = position.sig_offset + half;
    const auto greater_ctx = static_cast<size_t>(position.greater_offset + excess);
    const int32_t bins = state.regular_bins - (may_be_zero ? 1 : 0);
    const int64_t coded = state.cost + (may_be_zero ? rates.of_significant(s, true, sig_ctx) : 0);
    for (size_t parity = 0; parity < 2; ++parity) {
      const Candidate &c = choice[parity];
      int64_t cost = coded + c.distortion + rates.level[level_class(c.level)][greater_ctx];
      if (c.level >= 4) {
        cost += remainder_rate(static_cast<uint32_t>(c.level - 4) >> 1, rice_parameter(whole, 4));
      }
      result[parity] = {cost, c.level, bins - (c.level > 1 ? 3 : 1)};
    }
    const int64_t zero =
        may_be_zero ? state.cost + rates.of_significant(s, false, sig_ctx) : kImpossible;
    if (choice[0].level == 0 || zero < result[0].cost) result[0] = {zero, 0, bins};
    return;
  }
  const int rice = rice_parameter(whole, 0);
  const int zero_value = zero_position(static_cast<int>(s), rice);
  for (size_t parity = 0; parity < 2; ++parity) {
    const Candidate &c = choice[parity];
    const int value = c.level <= zero_value ? c.level - 1 : c.level;
    result[parity] = {state.cost + c.distortion + kOneBit +
                          (c.level > 0 ? remainder_rate(static_cast<uint32_t>(value), rice) : 0),
                      c.level, state.regular_bins};
  }
  const int64_t zero = may_be_zero
                           ? state.cost + remainder_rate(static_cast<uint32_t>(zero_value), rice)
                           : kImpossible;
  if (choice[0].level == 0 || zero < result[0].cost) result[0] = {zero, 0, state.regular_bins};
}

void DepQuantizer::start_path(const BlockScan::Position &position, const TrellisRates &rates) {
  const int64_t last = rates.last_x[position.x] + rates.last_y[position.y];
  for (size_t parity = 0; parity < 2; ++parity) {
    const Candidate &c = candidates_[0][parity];
    starts_[parity] = {kImpossible, c.level, budget_ - (c.level > 1 ? 3 : 1)};
    if (c.level == 0) continue;
    starts_[parity].cost = last + c.distortion + rates.level[level_class(c.level)][0];
    if (c.level >= 4) {
      starts_[parity].cost += remainder_rate(static_cast<uint32_t>(c.level - 4) >> 1, 0);
    }
  }
}

// Chooses the best way into every state.
void DepQuantizer::advance(int i, const BlockScan::Observers &observers) {
  // Predecessors of the states: {state, parity} twice.
  constexpr std::array<std::array<std::array<uint8_t, 2>, 2>, 4> kInto = {
      {{{{0, 0}, {1, 1}}}, {{{2, 0}, {3, 1}}}, {{{0, 1}, {1, 0}}}, {{{2, 1}, {3, 0}}}}};
  for (size_t s = 0; s < 4; ++s) {
    const auto &a = kInto[s][0];
    const auto &b = kInto[s][1];
    const Continuation *best = &continuations_[a[0]][a[1]];
    uint8_t from = a[0];
    if (continuations_[b[0]][b[1]].cost < best->cost) {
      best = &continuations_[b[0]][b[1]];
      from = b[0];
    }
    // State 0 with an even level leads to state 0, with an odd one to state 2.
    if (s % 2 == 0 && starts_[s >> 1].cost < best->cost) {
      best = &starts_[s >> 1];
      from = kStart;
    }
    State &to = (*next_)[s];
    if (best->cost >= kImpossible) {
      to.cost = kImpossible;
      continue;
    }
    if (from == kStart) {
      to.significant = 0;
      to.around.fill(0);
    } else {
      to = (*now_)[from];
    }
    to.cost = best->cost;
    to.regular_bins = best->bins;
    if (best->level != 0) {
      ++to.significant;
      const PackedLevels packed = pack_level(best->level);
      for (size_t k = 0; k < observers.count; ++k) {
        PackedLevels &sum = to.around[observers.at[k]];
        sum = static_cast<PackedLevels>(sum + packed);
      }
    }
    decisions_[static_cast<size_t>(i)][s] = {static_cast<int16_t>(best->level), from};
  }
  std::swap(now_, next_);
}

bool DepQuantizer::surrounded_by_zeros(size_t inside) const {
  return std::all_of(now_->begin(), now_->end(), [inside](const State &s) {
    return s.cost >= kImpossible || s.around[inside] == 0;
  });
}

// The short way for a 0 among zeros: states 1 and 2 swap.
void DepQuantizer::extend_with_zero(const BlockScan::Position &position, size_t inside,
                                    bool may_end_empty, const TrellisRates &rates) {
  for (size_t s = 0; s < 4; ++s) {
    State &state = (*now_)[s];
    if (state.cost >= kImpossible) continue;
    const PackedLevels around = state.around[inside];
    if (!may_end_empty && state.significant == 0) {
      state.cost = kImpossible;
    } else if (state.regular_bins >= 4) {
      const int half = std::min((partial_sum(around) + 1) >> 1, 3);
      state.cost += rates.of_significant(s, false, position.sig_offset + half);
      --state.regular_bins;
    } else {
      const int rice = rice_parameter(whole_sum(around), 0);
      state.cost +=
          remainder_rate(static_cast<uint32_t>(zero_position(static_cast<int>(s), rice)), rice);
    }
  }
  std::swap((*now_)[1], (*now_)[2]);
}

void DepQuantizer::enter_subblock(const BlockScan &scan, int sb, bool first,
                                  const TrellisRates &rates) {
  const BlockScan::Subblock &p = scan.subblocks[static_cast<size_t>(sb)];
  const int size = 1 << scan.sb_shift;
  const auto at = static_cast<size_t>(p.y * 8 + p.x);
  for (size_t s = 0; s < 4; ++s) {
    State &state = (*now_)[s];
    const Past &past = (*past_)[s];
    const bool right = p.x + 1 < scan.sb_columns && past.coded[at + 1];
    const bool below = p.y + 1 < scan.sb_rows && past.coded[at + 8];
    subblock_ctx_[s] = right || below ? 1 : 0;
    entry_cost_[s] = state.cost;
    entry_bins_[s] = state.regular_bins;
    state.significant = 0;
    state.around.fill(0);
    if (first || state.cost >= kImpossible) continue;
    for (int i = 0; i < size; ++i) {
      state.around[static_cast<size_t>(i)] =
          past.field.neighbours(scan.positions[static_cast<size_t>(sb * size + i)].field);
    }
    if (sb > 0) state.cost += rates.subblock[subblock_ctx_[s]][1];
  }
}

void DepQuantizer::leave_subblock(const BlockScan &scan, int sb, const TrellisRates &rates) {
  const auto sb_index = static_cast<size_t>(sb);
  for (size_t s = 0; s < 4; ++s) {
    State &state = (*now_)[s];
    const int64_t skip = entry_cost_[s] + rates.subblock[subblock_ctx_[s]][0];
    skipped_[sb_index][s] = skip < state.cost && entry_cost_[s] < kImpossible;
    if (skipped_[sb_index][s]) {
      state.cost = skip;
      state.regular_bins = entry_bins_[s];
      (*next_past_)[s] = (*past_)[s];
    } else if (state.cost < kImpossible) {
      keep_past(scan, sb, s);
    }
  }
  std::swap(past_, next_past_);
}

// The past of a path through the sub-block is the one of the state that it came from, and the
// levels of this sub-block.
void DepQuantizer::keep_past(const BlockScan &scan, int sb, size_t state) {
  const int size = 1 << scan.sb_shift;
  const BlockScan::Subblock &p = scan.subblocks[static_cast<size_t>(sb)];
  std::array<PackedLevels, 16> levels{};
  size_t s = state;
  for (int i = 0; i < size && s != kStart; ++i) {
    const Decision &d = decisions_[static_cast<size_t>(sb * size + i)][s];
    levels[static_cast<size_t>(i)] = pack_level(d.level);
    s = d.previous;
  }
  Past &past = (*next_past_)[state];
  if (s == kStart) {
    past = {};
  } else {
    past = (*past_)[s];
  }
  bool coded = false;
  for (int i = 0; i < size; ++i) {
    const PackedLevels level = levels[static_cast<size_t>(i)];
    past.field.at[scan.positions[static_cast<size_t>(sb * size + i)].field] = level;
    coded = coded || level != 0;
  }
  past.coded[static_cast<size_t>(p.y * 8 + p.x)] = coded;
}

bool DepQuantizer::quantize(const int32_t *coefficients, int log2_w, int log2_h,
                            const QuantStep &step, const TrellisRates &rates, int64_t limit,
                            int32_t *levels, int64_t &cost) {
  const BlockScan &scan = BlockScan::get(log2_w, log2_h);
  const int mask = (1 << scan.sb_shift) - 1;
  const auto position = [&scan](int i) -> const BlockScan::Position & {
    return scan.positions[static_cast<size_t>(i)];
  };

  const int start = find_trellis_start(scan, coefficients, step, rates, where_);
  if (start < 0) return false;

  now_ = states_.data();
  next_ = now_ + 1;
  for (State &s : *now_) s = {kImpossible, 0, 0, {}};
  past_ = pasts_.data();
  next_past_ = past_ + 1;
  past_->fill({});
  budget_ = (scan.count * 7) >> 2;
  constexpr std::array<Decision, 4> kZeros = {{{0, 0}, {0, 2}, {0, 1}, {0, 3}}};

  for (int i = start; i >= 0; --i) {
    const BlockScan::Position &p = position(i);
    const auto inside = static_cast<size_t>(i & mask);
    const int sb = i >> scan.sb_shift;
    if (i == start || static_cast<int>(inside) == mask) {
      enter_subblock(scan, sb, i == start, rates);
    }
    const int64_t magnitude = std::abs(coefficients[p.raster]);
    const bool may_end_empty = inside != 0 || sb == 0;
    if (magnitude == 0 && surrounded_by_zeros(inside)) {
      extend_with_zero(p, inside, may_end_empty, rates);
      decisions_[static_cast<size_t>(i)] = kZeros;
    } else {
      set_candidates(magnitude, step);
      for (size_t s = 0; s < 4; ++s) {
        const State &state = (*now_)[s];
        if (state.cost >= kImpossible) {
          continuations_[s][0].cost = continuations_[s][1].cost = kImpossible;
        } else {
          extend(s, p, inside, may_end_empty || state.significant != 0, rates);
        }
      }
      start_path(p, rates);
      advance(i, scan.observers[inside]);
    }
    if (inside == 0 && sb > 0) leave_subblock(scan, sb, rates);
  }

  size_t best = 0;
  for (size_t s = 1; s < 4; ++s) {
    if ((*now_)[s].cost < (*now_)[best].cost) best = s;
  }
  cost = (*now_)[best].cost;
  if (cost >= limit) return true;

  std::fill_n(levels, size_t{1} << (log2_w + log2_h), 0);
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

}  // namespace feat::vvc::scalar
