// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Differences of blocks and their squares. Sides are 4 to 64, samples have at most 10 bits and
// differences a sign more; strides are in samples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace feat::vvc {

// A row of a block, so short that it is no work for memcpy().
inline void copy_samples(const uint16_t *from, int count, uint16_t *to) {
  for (int i = 0; i < count; i += 4) std::memcpy(to + i, from + i, 4 * sizeof *to);
}

// A block in rows of 2^log2_w, of any sides, to where rows are `stride` apart.
inline void copy_block(const uint16_t *block, int log2_w, int log2_h, uint16_t *to,
                       ptrdiff_t stride) {
  for (int y = 0; y < 1 << log2_h; ++y) {
    std::copy_n(block + (y << log2_w), 1 << log2_w, to + y * stride);
  }
}

// Source minus prediction, in rows of 2^log2_w. Sides may be 1 and 2, of at least 16 samples.
void subtract(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
              ptrdiff_t prediction_stride, int log2_w, int log2_h, int16_t *residual);

// Of a block of differences in rows of 2^log2_w, of the same sides.
int64_t sum_of_squares(const int16_t *residual, int log2_w, int log2_h);

int64_t sum_of_squared_errors(const uint16_t *a, ptrdiff_t a_stride, const uint16_t *b,
                              ptrdiff_t b_stride, int log2_w, int log2_h);

// Sums of absolute differences to the next sample along the rows and down the columns, of all
// samples but the last row and column.
struct Steps {
  int64_t along;
  int64_t down;
};
Steps sum_of_steps(const uint16_t *block, ptrdiff_t stride, int log2_w, int log2_h);

namespace scalar {

void subtract(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
              ptrdiff_t prediction_stride, int log2_w, int log2_h, int16_t *residual);
int64_t sum_of_squares(const int16_t *residual, int log2_w, int log2_h);
int64_t sum_of_squared_errors(const uint16_t *a, ptrdiff_t a_stride, const uint16_t *b,
                              ptrdiff_t b_stride, int log2_w, int log2_h);
Steps sum_of_steps(const uint16_t *block, ptrdiff_t stride, int log2_w, int log2_h);

}  // namespace scalar
}  // namespace feat::vvc
