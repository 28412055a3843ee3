// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/logistic.h"

namespace feat::native {

constinit const std::array<uint16_t, 2 *kOddsLimit + 1> kProbabilities =
    detail::make_probabilities();
constinit const std::array<int32_t, 64> kLearningRates = detail::make_rates();

}  // namespace feat::native
