// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/dependent_quantizer.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/level_cost.h"

namespace feat::native {

namespace {

// Beyond this magnitude what a level costs does not decide between its neighbours.
constexpr int32_t kFlat = 48;

// Bits of magnitudes 1 to 3, from the sums of the first four bins.
float small_cost(const std::array<int32_t, 4> &sums, int32_t magnitude) {
  const float nonzero = 1.0F + one_cost(sums[0]);
  if (magnitude == 1) return nonzero + zero_cost(sums[1]);
  return nonzero + one_cost(sums[1]) + zero_cost(sums[2]) +
         (magnitude == 3 ? one_cost(sums[kHalfBin]) : zero_cost(sums[kHalfBin]));
}

// The candidates of a value, r its magnitude, in one set.
void weigh_in_set(float r, int set, const LevelModel::Row &row, float lambda,
                  std::array<float, 2> &costs, std::array<int32_t, 2> &levels) {
  const auto low = static_cast<int32_t>((r + static_cast<float>(set)) * 0.5F);
  const auto error = [&](int32_t a) { return r - static_cast<float>(point_of(set, a)); };
  if (low == 0) {
    const int32_t first = row.sum(0);
    const float nonzero = 1.0F + one_cost(first);
    costs = {r * r + lambda * zero_cost(first),
             error(1) * error(1) + lambda * (nonzero + zero_cost(row.sum(1)))};
    levels = {0, 1};
    return;
  }
  const int32_t even = low + (low & 1);
  const int32_t odd = low + 1 - (low & 1);
  levels = {even, odd};
  costs = {error(even) * error(even), error(odd) * error(odd)};
  if (low > kFlat) return;
  std::array<int32_t, 4> sums;
  for (int bin = 0; bin < 4; ++bin) sums[static_cast<size_t>(bin)] = row.sum(bin);
  for (size_t i = 0; i < 2; ++i)
    costs[i] +=
        lambda * (levels[i] < 4 ? small_cost(sums, levels[i]) : magnitude_cost(row, levels[i]));
  if (low > 2) return;
  const float zero = r * r + lambda * zero_cost(sums[0]);
  if (zero < costs[0]) {
    costs[0] = zero;
    levels[0] = 0;
  }
}

void weigh(float value, const LevelContext &context, LevelModel &model, float lambda,
           Candidate &candidate) {
  const float r = std::fabs(value);
  for (int set = 0; set < kSets; ++set) {
    const auto s = static_cast<size_t>(set);
    weigh_in_set(r, set, model.row(context, set), lambda, candidate.costs[s], candidate.levels[s]);
  }
}

}  // namespace

void DependentQuantizer::search(std::span<const float> values, const RowContexts &contexts,
                                LevelModel &model, float lambda, int rounds,
                                std::span<int32_t> levels) {
  const size_t size = values.size();
  candidates_.resize(size);
  contexts_.resize(size);
  decisions_.resize(size);
  for (size_t k = 0; k < size; ++k)
    levels[k] = static_cast<int32_t>(std::fabs(values[k]) * 0.5F + 0.35F);
  for (int round = 0; round < rounds; ++round) {
    RowState row(contexts);
    search_path(0, decisions_, candidates_, levels, [&](size_t k) {
      const LevelContext context = row.context(k);
      // Most contexts are those of the round before, and so are then the costs.
      if (round == 0 || context != contexts_[k])
        weigh(values[k], context, model, lambda, candidates_[k]);
      contexts_[k] = context;
      row.add(k, levels[k]);
    });
  }
  for (size_t k = 0; k < size; ++k) {
    if (values[k] < 0) levels[k] = -levels[k];
  }
}

}  // namespace feat::native
