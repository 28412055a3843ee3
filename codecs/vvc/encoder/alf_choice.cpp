// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/alf_choice.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace feat::vvc {
namespace {

constexpr int kOne = 1 << (kAlfErrorBits / 2);  // 1 as a coefficient
constexpr int kMaxCoeff = kOne - 1;
constexpr int kMaxSweeps = 32;
// Of the APS without its coefficients, NAL unit and start code included, and of the slice header.
constexpr int kFixedBits = 95;

// alf_luma_coeff_abs and its sign.
int bits_of(int coeff) {
  const int length = std::bit_width(static_cast<unsigned>(std::abs(coeff)) + 1);
  return 2 * length - 1 + (coeff != 0 ? 1 : 0);
}

size_t term_of(size_t tap, size_t clip) {
  return (clip - 1) * kAlfTaps + tap;
}

// Taps are set one after the other to what is best beside the others, again and again, until
// nothing changes: the sum of squares has one minimum for given clipping, and integers stay exact.
class Descent {
 public:
  Descent(const AlfSums &sums, int64_t bit_cost) : sums_(sums), bit_cost_(bit_cost) {
    choice_.clip.fill(1);
  }

  AlfChoice run() {
    bool changed = true;
    for (int i = 0; i < kMaxSweeps && changed; ++i) {
      changed = false;
      for (size_t tap = 0; tap < kAlfTaps; ++tap) changed = improve(tap) || changed;
    }
    return choice_;
  }

  // Of the filter so far, against none.
  int64_t cost() const {
    int64_t cost = kFixedBits * bit_cost_;
    for (size_t tap = 0; tap < kAlfTaps; ++tap) {
      const int64_t coeff = choice_.coeff[tap];
      const size_t term = term_of(tap, choice_.clip[tap]);
      cost += coeff * (sums_.products[term][term] * coeff - left_for(tap, term) -
                       kOne * sums_.errors[term]);
      cost += bits_of(static_cast<int>(coeff)) * bit_cost_;
    }
    return cost;
  }

 private:
  // What the other taps leave to a term.
  int64_t left_for(size_t tap, size_t term) const {
    int64_t left = kOne * sums_.errors[term];
    for (size_t other = 0; other < kAlfTaps; ++other) {
      if (other == tap) continue;
      left -= sums_.products[term][term_of(other, choice_.clip[other])] * choice_.coeff[other];
    }
    return left;
  }

  bool improve(size_t tap) {
    const int64_t before = choice_.coeff[tap];
    int64_t best_cost = bits_of(0) * bit_cost_;
    int64_t best = 0;
    size_t best_clip = choice_.clip[tap];
    for (size_t clip = 1; clip <= kAlfClips; ++clip) {
      const size_t term = term_of(tap, clip);
      const int64_t square = sums_.products[term][term];
      if (square == 0) continue;
      const int64_t left = left_for(tap, term);
      const int64_t least = std::clamp<int64_t>(left / square, -kMaxCoeff, kMaxCoeff);
      const int64_t next = std::clamp<int64_t>(least + (left < 0 ? -1 : 1), -kMaxCoeff, kMaxCoeff);
      for (const int64_t coeff : {before, least / 2, least, next}) {
        const int64_t cost =
            coeff * (coeff * square - 2 * left) + bits_of(static_cast<int>(coeff)) * bit_cost_;
        if (cost >= best_cost) continue;
        best_cost = cost;
        best = coeff;
        best_clip = clip;
      }
    }
    if (best == before && best_clip == choice_.clip[tap]) return false;
    choice_.coeff[tap] = static_cast<int16_t>(best);
    choice_.clip[tap] = static_cast<uint8_t>(best_clip);
    return true;
  }

  const AlfSums &sums_;
  int64_t bit_cost_;
  AlfChoice choice_;
};

}  // namespace

AlfFilters AlfChoice::for_all_classes() const {
  AlfFilters filters;
  filters.coeff.fill(coeff);
  filters.clip.fill(clip);
  return filters;
}

std::optional<AlfChoice> choose_alf(const AlfSums &sums, int64_t bit_cost) {
  Descent descent(sums, bit_cost);
  const AlfChoice choice = descent.run();
  if (descent.cost() >= 0) return {};
  return choice;
}

}  // namespace feat::vvc
