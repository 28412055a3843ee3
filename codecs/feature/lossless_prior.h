// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where the weights of the lossless model begin: the log-odds of its decisions if numbers are
// spread around the expected position as the logistic distribution says.
#pragma once

#include <array>
#include <cstdint>

namespace feat::native::lossless {

// Half octaves of a width against the spread, from -kPriorLevelZero.
inline constexpr int kPriorLevels = 40;
inline constexpr int kPriorLevelZero = 22;

// Log-odds are numbers of kPriorBits fractional bits.
inline constexpr int kPriorBits = 12;

// Log-odds that a number which is not below `threshold - width` reaches `threshold`. The threshold
// is given by its distance from the expected position, in halves of the spread (the mean absolute
// error); the width by its level.
int32_t odds_of_reaching(int steps, int level);

// Log-odds that a number between `threshold - width` and `threshold + width` is above `threshold`.
int32_t odds_of_upper(int steps, int level);

// Log-odds that a number is below `threshold`.
int32_t odds_of_less(int steps);

}  // namespace feat::native::lossless
