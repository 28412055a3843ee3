// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_math.h"

#include <cstdlib>

namespace feat::vvc::scalar {

void subtract(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
              ptrdiff_t prediction_stride, int log2_w, int log2_h, int16_t *residual) {
  const int width = 1 << log2_w;
  for (int y = 0; y < 1 << log2_h; ++y) {
    for (int x = 0; x < width; ++x) residual[x] = static_cast<int16_t>(source[x] - prediction[x]);
    source += source_stride;
    prediction += prediction_stride;
    residual += width;
  }
}

int64_t sum_of_squares(const int16_t *residual, int log2_w, int log2_h) {
  int64_t sum = 0;
  for (int i = 0; i < 1 << (log2_w + log2_h); ++i) sum += residual[i] * residual[i];
  return sum;
}

int64_t sum_of_squared_errors(const uint16_t *a, ptrdiff_t a_stride, const uint16_t *b,
                              ptrdiff_t b_stride, int log2_w, int log2_h) {
  int64_t sum = 0;
  for (int y = 0; y < 1 << log2_h; ++y) {
    for (int x = 0; x < 1 << log2_w; ++x) sum += (a[x] - b[x]) * (a[x] - b[x]);
    a += a_stride;
    b += b_stride;
  }
  return sum;
}

Steps sum_of_steps(const uint16_t *block, ptrdiff_t stride, int log2_w, int log2_h) {
  Steps steps{};
  for (int y = 0; y + 1 < 1 << log2_h; ++y, block += stride) {
    for (int x = 0; x + 1 < 1 << log2_w; ++x) {
      steps.along += std::abs(block[x + 1] - block[x]);
      steps.down += std::abs(block[x + stride] - block[x]);
    }
  }
  return steps;
}

}  // namespace feat::vvc::scalar
