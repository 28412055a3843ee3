// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sum of absolute Hadamard-transformed differences, the cheap estimate of what a residual costs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace feat::vvc {

// `residual` in rows of 2^log2_w, sides 4 to 64, values of at most 10 bits and a sign; in tiles of
// 8x8, of 4x4 where a side is 4.
int64_t satd(const int16_t *residual, int log2_w, int log2_h);

// The same of the differences of two blocks.
int64_t satd(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
             ptrdiff_t prediction_stride, int log2_w, int log2_h);

namespace scalar {

int64_t satd(const int16_t *residual, int log2_w, int log2_h);
int64_t satd(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
             ptrdiff_t prediction_stride, int log2_w, int log2_h);

}  // namespace scalar
}  // namespace feat::vvc
