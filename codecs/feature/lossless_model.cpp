// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_model.h"

#include "codecs/feature/lossless_prior.h"

namespace feat::native::lossless {

void NumberModel::prepare(ExpertWeights &weights, int share) {
  const auto weight = [&](int32_t odds) {
    const int32_t limit = 7 << kPriorBits;
    return Weight(std::clamp(odds, -limit, limit) * share * (1 << (kWeightBits - kPriorBits - 4)),
                  kFirstCount);
  };
  for (int i = 0; i < kDistances; ++i) {
    const int steps = i - kDistances / 2;
    weights.sign[i] = weight(odds_of_less(steps));
    for (int k = 0; k < kClassLevels; ++k) {
      const int level = k - kClassLevelZero;
      weights.start[k][i] = weight(odds_of_reaching(steps, level));
      weights.up[k][i] = weight(odds_of_reaching(steps, level - 2));
      weights.down[k][i] = weight(odds_of_upper(steps, level));
    }
    for (int k = 0; k < kMantissaLevels; ++k)
      weights.mantissa[k][i] = weight(odds_of_upper(steps, k + kFinest - 2));
  }
}

NumberModel::NumberModel(const NumberKind &kind, bool zeros, bool negatives)
    : kind_(kind),
      zeros_(zeros),
      negatives_(negatives),
      experts_(2),
      prefixes_(static_cast<size_t>(kind.classes) << kPrefixBits) {
  prepare(experts_[0], 6);
  prepare(experts_[1], 10);
}

}  // namespace feat::native::lossless
