// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sum of absolute Hadamard-transformed differences, the cheap estimate of what a residual costs.
#pragma once

#include <cstdint>

namespace feat::vvc {

// `residual` in rows of 2^log2_w, sides 4 to 64; in tiles of 8x8, of 4x4 where a side is 4.
int64_t satd(const int16_t *residual, int log2_w, int log2_h);

}  // namespace feat::vvc
