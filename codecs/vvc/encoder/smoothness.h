// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What kind of picture a feature makes.
#pragma once

#include <cstdint>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// Whether samples resemble both the next one in their row and the next one in their column, with
// correlations of 0.4 and more, as in a map of an image. Tokens of channels are at most alike down
// a column.
bool is_smooth(const Plane<const uint16_t> &picture);

}  // namespace feat::vvc
