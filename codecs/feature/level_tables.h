// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>

#include "codecs/feature/level_model.h"

namespace feat::native {

// Weights that levels start from, of the first bins of each set: by context in the order of
// LevelModel::context(), set and bin; in 1/kLearnedUnit. Written by feature-level-training.
inline constexpr size_t kLearnedBins = 6;
inline constexpr int kLearnedUnit = 16;
inline constexpr int8_t kNotLearned = -128;
using LearnedWeights = std::array<int8_t, kWeightSets * kLearnedBins>;
extern const std::array<LearnedWeights, LevelModel::kContexts> kLearnedWeights;

}  // namespace feat::native
