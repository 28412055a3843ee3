// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What kind of picture a feature makes.
#pragma once

#include <cstdint>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// Whether samples resemble both the next one in their row and the next one in their column, with
// correlations of 0.4 and more, as in a map of an image; across every sixteenth row and column
// too, where channels of 16x16 and multiples of it meet, which have little in common: there
// predictions are worst beside what they start from. Tokens of channels are at most alike down a
// column.
bool is_smooth(const Plane<const uint16_t> &picture);

}  // namespace feat::vvc
