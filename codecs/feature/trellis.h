// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The search through the eight states of dependent quantisation (Viterbi): a scalar reference, and
// the same with vectors of four, which every x86-64 processor has.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace feat::native {

inline constexpr int kStates = 8;

// The state behind a level, by its parity. Odd states have set 1.
inline constexpr std::array<std::array<uint8_t, 2>, kStates> kNextState = {
    {{0, 2}, {5, 7}, {1, 3}, {6, 4}, {2, 0}, {4, 6}, {3, 1}, {7, 5}}};

// The two ways into each state: from where, and with which parity. The first four states are
// entered from even states, the others from odd ones.
struct Way {
  uint8_t state;
  uint8_t parity;
};
inline constexpr std::array<std::array<Way, 2>, kStates> kWays = {{{{{0, 0}, {4, 1}}},
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

// What a level costs, by set and parity.
using LevelCosts = std::array<std::array<float, 2>, 2>;

// Costs of the best paths that end in each state.
class ScalarTrellis {
 public:
  // Paths start in `first`.
  explicit ScalarTrellis(int first) {
    costs_.fill(kNever);
    costs_[static_cast<size_t>(first)] = 0;
  }

  // Bit s of the result: the second of kWays[s] is better.
  uint8_t step(const LevelCosts &costs) {
    unsigned decisions = 0;
    std::array<float, kStates> next;
    for (size_t s = 0; s < kStates; ++s) {
      std::array<float, 2> cost;
      for (size_t i = 0; i < 2; ++i) {
        const Way way = kWays[s][i];
        cost[i] = costs_[way.state] + costs[way.state & 1][way.parity];
      }
      if (cost[1] < cost[0]) decisions |= 1U << s;
      next[s] = std::min(cost[0], cost[1]);
    }
    costs_ = next;
    return static_cast<uint8_t>(decisions);
  }

  // Keeps sums of costs small, hence exact enough.
  void rebase() {
    const float least = *std::min_element(costs_.begin(), costs_.end());
    for (float &cost : costs_) cost -= least;
  }

  std::array<float, kStates> costs() const { return costs_; }

  static constexpr float kNever = 1e30F;

 private:
  std::array<float, kStates> costs_;
};

#if defined(__SSE2__)

class Trellis {
 public:
  explicit Trellis(int first) {
    alignas(16) std::array<float, 4> half;
    half.fill(ScalarTrellis::kNever);
    even_ = odd_ = _mm_load_ps(half.data());
    half[static_cast<size_t>(first / 2)] = 0;
    ((first & 1) != 0 ? odd_ : even_) = _mm_load_ps(half.data());
  }

  uint8_t step(const LevelCosts &costs) {
    const __m128 all = _mm_setr_ps(costs[0][0], costs[0][1], costs[1][0], costs[1][1]);
    // States 0 1 2 3.
    const __m128 first =
        _mm_add_ps(_mm_movelh_ps(even_, even_), _mm_shuffle_ps(all, all, _MM_SHUFFLE(1, 1, 0, 0)));
    const __m128 second =
        _mm_add_ps(_mm_movehl_ps(even_, even_), _mm_shuffle_ps(all, all, _MM_SHUFFLE(0, 0, 1, 1)));
    // States 4 5 6 7.
    const __m128 third = _mm_add_ps(_mm_shuffle_ps(odd_, odd_, _MM_SHUFFLE(0, 1, 0, 1)),
                                    _mm_shuffle_ps(all, all, _MM_SHUFFLE(3, 2, 2, 3)));
    const __m128 fourth =
        _mm_add_ps(_mm_movehl_ps(odd_, odd_), _mm_shuffle_ps(all, all, _MM_SHUFFLE(2, 3, 3, 2)));
    const __m128 low = _mm_min_ps(first, second);
    const __m128 high = _mm_min_ps(third, fourth);
    even_ = _mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0));
    odd_ = _mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1));
    return static_cast<uint8_t>(_mm_movemask_ps(_mm_cmplt_ps(second, first)) |
                                _mm_movemask_ps(_mm_cmplt_ps(fourth, third)) << 4);
  }

  void rebase() {
    __m128 least = _mm_min_ps(even_, odd_);
    least = _mm_min_ps(least, _mm_movehl_ps(least, least));
    least = _mm_min_ps(least, _mm_shuffle_ps(least, least, _MM_SHUFFLE(1, 1, 1, 1)));
    least = _mm_shuffle_ps(least, least, 0);
    even_ = _mm_sub_ps(even_, least);
    odd_ = _mm_sub_ps(odd_, least);
  }

  std::array<float, kStates> costs() const {
    std::array<float, kStates> all;
    _mm_storeu_ps(all.data(), _mm_unpacklo_ps(even_, odd_));
    _mm_storeu_ps(all.data() + 4, _mm_unpackhi_ps(even_, odd_));
    return all;
  }

 private:
  __m128 even_;  // states 0 2 4 6
  __m128 odd_;   // states 1 3 5 7
};

#else

using Trellis = ScalarTrellis;

#endif

// What the search weighs for one level.
struct Candidate {
  LevelCosts costs;
  std::array<std::array<int32_t, 2>, 2> levels;  // magnitudes, by set and parity
};

// The levels of the best path that starts in `first`; weigh(k) gives the candidate for level k.
// `decisions` is scratch memory, one for each level.
template <class Weigh>
void search_path(int first, std::span<uint8_t> decisions, std::span<const Candidate> candidates,
                 std::span<int32_t> levels, Weigh &&weigh) {
  Trellis trellis(first);
  for (size_t k = 0; k < levels.size(); ++k) {
    weigh(k);
    decisions[k] = trellis.step(candidates[k].costs);
    if ((k & 255) == 255) trellis.rebase();
  }
  const std::array<float, kStates> costs = trellis.costs();
  auto state = static_cast<size_t>(std::min_element(costs.begin(), costs.end()) - costs.begin());
  for (size_t k = levels.size(); k-- > 0;) {
    const Way way = kWays[state][(decisions[k] >> state) & 1];
    levels[k] = candidates[k].levels[way.state & 1][way.parity];
    state = way.state;
  }
}

}  // namespace feat::native
