// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The lowest level whose picture size limits hold a picture (table A.1).
#pragma once

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// `width` and `height` of the coded picture. Every size up to kMaxSide in square has a level.
ProfileTierLevel level_for_size(int width, int height);

}  // namespace feat::vvc
