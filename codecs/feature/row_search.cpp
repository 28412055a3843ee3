// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/row_search.h"

#include "codecs/feature/level_cost.h"

namespace feat::native::scalar {

namespace {

// The candidates of a value, r its magnitude, in one set.
void weigh_in_set(float r, int set, const LevelModel::ConstRow &row, float lambda,
                  std::array<float, 2> &costs, std::array<int32_t, 2> &levels) {
  const auto low = static_cast<int32_t>((r + static_cast<float>(set)) * 0.5F);
  const auto cost = [&](int32_t a) {
    const float error = r - static_cast<float>(point_of(set, a));
    const float bits = low > kFlatLevel ? 0
                       : a == 0         ? zero_cost(row.sum(0))
                                        : magnitude_cost(row, a);
    return error * error + lambda * bits;
  };
  const bool large = r >= kLargeValue;
  const int32_t first = large ? low : 0;
  for (int32_t a = first; a < first + 2; ++a) {
    const auto parity = static_cast<size_t>(a & 1);
    levels[parity] = a;
    costs[parity] = cost(a);
  }
  for (int32_t a = 2; !large && a < 4; ++a) {
    const auto parity = static_cast<size_t>(a & 1);
    const float other = cost(a);
    if (other >= costs[parity]) continue;
    levels[parity] = a;
    costs[parity] = other;
  }
}

}  // namespace

void search_round(const RowSearch &search) {
  std::vector<Candidate> candidates(search.levels.size());
  search.bits.resize(search.levels.size());
  RowState row(search.contexts);
  search_path(0, search.bits, candidates, search.levels, [&](size_t k) {
    const LevelContext context = row.context(k);
    Candidate &candidate = candidates[k];
    for (int set = 0; set < kSets; ++set) {
      const auto s = static_cast<size_t>(set);
      weigh_in_set(search.magnitudes[k], set, search.model.row(context, set), search.lambda,
                   candidate.costs[s], candidate.levels[s]);
    }
    row.add(k, search.levels[k]);
  });
}

}  // namespace feat::native::scalar
