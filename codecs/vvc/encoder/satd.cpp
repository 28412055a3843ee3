// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/satd.h"

#include <cstdlib>

namespace feat::vvc {
namespace {

// One Hadamard dimension over the rows of an n x n tile; the inner loop runs along a row.
template <int n>
void butterflies(int16_t (&t)[n][n]) {
  for (int step = 1; step < n; step *= 2) {
    for (int base = 0; base < n; base += 2 * step) {
      for (int i = base; i < base + step; ++i) {
        for (int x = 0; x < n; ++x) {
          const auto a = t[i][x];
          const auto b = t[i + step][x];
          t[i][x] = static_cast<int16_t>(a + b);
          t[i + step][x] = static_cast<int16_t>(a - b);
        }
      }
    }
  }
}

template <int n>
int64_t tile(const int16_t *residual, int stride) {
  int16_t t[n][n];
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) t[y][x] = residual[y * stride + x];
  }
  butterflies<n>(t);
  int16_t transposed[n][n];
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) transposed[x][y] = t[y][x];
  }
  butterflies<n>(transposed);
  int32_t sum = 0;
  for (const auto &row : transposed) {
    for (const int16_t value : row) sum += std::abs(value);
  }
  return n == 8 ? (sum + 2) >> 2 : (sum + 1) >> 1;
}

}  // namespace

int64_t satd(const int16_t *residual, int log2_w, int log2_h) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  int64_t sum = 0;
  if (log2_w == 2 || log2_h == 2) {
    for (int y = 0; y < height; y += 4) {
      for (int x = 0; x < width; x += 4) sum += tile<4>(residual + y * width + x, width);
    }
    return sum;
  }
  for (int y = 0; y < height; y += 8) {
    for (int x = 0; x < width; x += 8) sum += tile<8>(residual + y * width + x, width);
  }
  return sum;
}

}  // namespace feat::vvc
