// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "codecs/feature/learn/feature_sums.h"
#include "codecs/feature/learn/learn_report.h"
#include "codecs/feature/profile.h"

namespace feat::native {

// Makes mean, basis, deviations, correlations and means of positions of what was summed up.
// `components` is how many to keep.
void solve_profile(const FeatureSums &sums, uint32_t components, ProfileData &profile,
                   LearnReport &report);

}  // namespace feat::native
