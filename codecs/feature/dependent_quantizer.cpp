// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/dependent_quantizer.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/level_cost.h"
#include "codecs/feature/viterbi_step.h"

namespace feat::native {

namespace {

constexpr float kNever = 1e30F;

// The two ways into each state: from where, and with which parity. The first four states are
// entered from even states (set 0), the others from odd ones (set 1).
struct Way {
  uint8_t state;
  uint8_t parity;
};
constexpr std::array<std::array<Way, 2>, kStates> kWays = {{{{{0, 0}, {4, 1}}},
                                                            {{{2, 0}, {6, 1}}},
                                                            {{{0, 1}, {4, 0}}},
                                                            {{{2, 1}, {6, 0}}},
                                                            {{{3, 1}, {5, 0}}},
                                                            {{{1, 0}, {7, 1}}},
                                                            {{{3, 0}, {5, 1}}},
                                                            {{{1, 1}, {7, 0}}}}};
constexpr bool ways_are_right() {
  for (size_t s = 0; s < kStates; ++s) {
    for (const Way way : kWays[s]) {
      if (kNextState[way.state][way.parity] != s) return false;
    }
  }
  return true;
}
static_assert(ways_are_right());

// Beyond this magnitude what a level costs does not decide between its neighbours.
constexpr int32_t kFlat = 48;

// Bits of magnitudes 1 to 3, from the sums of the first four bins.
float small_cost(const std::array<int32_t, 4> &sums, int32_t magnitude) {
  const float nonzero = 1.0F + one_cost(sums[0]);
  if (magnitude == 1) return nonzero + zero_cost(sums[1]);
  return nonzero + one_cost(sums[1]) + zero_cost(sums[2]) +
         (magnitude == 3 ? one_cost(sums[kHalfBin]) : zero_cost(sums[kHalfBin]));
}

// Keeps sums of costs small, hence exact enough.
void rebase(PathCosts &paths) {
  const float least = std::min(*std::min_element(paths.even.begin(), paths.even.end()),
                               *std::min_element(paths.odd.begin(), paths.odd.end()));
  for (float &cost : paths.even) cost -= least;
  for (float &cost : paths.odd) cost -= least;
}

size_t best_state(const PathCosts &paths) {
  size_t best = 0;
  const auto cost = [&](size_t s) { return (s & 1) != 0 ? paths.odd[s / 2] : paths.even[s / 2]; };
  for (size_t s = 1; s < kStates; ++s) {
    if (cost(s) < cost(best)) best = s;
  }
  return best;
}

}  // namespace

uint8_t viterbi_step_scalar(PathCosts &paths, const std::array<std::array<float, 2>, 2> &costs) {
  unsigned decisions = 0;
  PathCosts next;
  for (size_t s = 0; s < kStates; ++s) {
    std::array<float, 2> cost;
    for (size_t i = 0; i < 2; ++i) {
      const Way way = kWays[s][i];
      const size_t half = way.state / 2;
      const float before = (way.state & 1) != 0 ? paths.odd[half] : paths.even[half];
      cost[i] = before + costs[way.state & 1][way.parity];
    }
    if (cost[1] < cost[0]) decisions |= 1U << s;
    ((s & 1) != 0 ? next.odd : next.even)[s / 2] = std::min(cost[0], cost[1]);
  }
  paths = next;
  return static_cast<uint8_t>(decisions);
}

void DependentQuantizer::weigh(float value, const LevelContext &context, LevelModel &model,
                               float lambda, Candidate &candidate) const {
  const float r = std::fabs(value);
  for (int set = 0; set < kSets; ++set) {
    const auto s = static_cast<size_t>(set);
    auto &costs = candidate.costs[s];
    auto &levels = candidate.levels[s];
    const LevelModel::Row row = model.row(context, set);
    std::array<int32_t, 4> sums;
    for (int bin = 0; bin < 4; ++bin) sums[static_cast<size_t>(bin)] = row.sum(bin);
    const auto cost_of = [&](int32_t a) {
      const float error = r - static_cast<float>(point_of(set, a));
      return error * error + lambda * (a < 4 ? small_cost(sums, a) : magnitude_cost(row, a));
    };
    const auto low = static_cast<int32_t>((r + static_cast<float>(set)) * 0.5F);
    if (low == 0) {
      costs = {r * r + lambda * zero_cost(sums[0]), cost_of(1)};
      levels = {0, 1};
    } else if (low <= kFlat) {
      const int32_t even = low + (low & 1);
      const int32_t odd = low + 1 - (low & 1);
      costs = {cost_of(even), cost_of(odd)};
      levels = {even, odd};
      if (low <= 2) {
        const float zero = r * r + lambda * zero_cost(sums[0]);
        if (zero < costs[0]) {
          costs[0] = zero;
          levels[0] = 0;
        }
      }
    } else {
      const int32_t even = low + (low & 1);
      const int32_t odd = low + 1 - (low & 1);
      const auto error = [&](int32_t a) { return r - static_cast<float>(point_of(set, a)); };
      costs = {error(even) * error(even), error(odd) * error(odd)};
      levels = {even, odd};
    }
  }
}

void DependentQuantizer::search(std::span<const float> values, const RowContexts &contexts,
                                LevelModel &model, float lambda, int rounds,
                                std::span<int32_t> levels) {
  const size_t size = values.size();
  candidates_.resize(size);
  decisions_.resize(size);
  for (size_t k = 0; k < size; ++k)
    levels[k] = static_cast<int32_t>(std::fabs(values[k]) * 0.5F + 0.35F);
  for (int round = 0; round < rounds; ++round) {
    RowState row(contexts);
    PathCosts paths;
    paths.even = {0, kNever, kNever, kNever};
    paths.odd = {kNever, kNever, kNever, kNever};
    for (size_t k = 0; k < size; ++k) {
      weigh(values[k], row.context(k), model, lambda, candidates_[k]);
      row.add(k, levels[k]);
      decisions_[k] = viterbi_step(paths, candidates_[k].costs);
      if ((k & 255) == 255) rebase(paths);
    }
    size_t state = best_state(paths);
    for (size_t k = size; k-- > 0;) {
      const Way way = kWays[state][(decisions_[k] >> state) & 1];
      levels[k] = candidates_[k].levels[way.state & 1][way.parity];
      state = way.state;
    }
  }
  for (size_t k = 0; k < size; ++k) {
    if (values[k] < 0) levels[k] = -levels[k];
  }
}

}  // namespace feat::native
