// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sum of absolute Hadamard-transformed differences, the cheap estimate of what a residual costs.
#pragma once

#include <cstdint>

namespace feat::vvc {

// `residual` in rows of 2^log2_size, log2_size 2 to 6; in units of samples, as in tiles of 8x8
// (4x4 for the smallest block).
int64_t satd(const int16_t *residual, int log2_size);

}  // namespace feat::vvc
