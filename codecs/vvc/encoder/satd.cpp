// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/satd.h"

#include <cstdlib>

namespace feat::vvc::scalar {
namespace {

// One Hadamard dimension over the rows of an n x n tile; the inner loop runs along a row.
template <int n>
void butterflies(int32_t (&t)[n][n]) {
  for (int step = 1; step < n; step *= 2) {
    for (int base = 0; base < n; base += 2 * step) {
      for (int i = base; i < base + step; ++i) {
        for (int x = 0; x < n; ++x) {
          const auto a = t[i][x];
          const auto b = t[i + step][x];
          t[i][x] = a + b;
          t[i + step][x] = a - b;
        }
      }
    }
  }
}

// `at(x, y)` gives the residual.
template <int n, typename Residual>
int64_t tile(const Residual &at, int left, int top) {
  int32_t t[n][n];
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) t[y][x] = at(left + x, top + y);
  }
  butterflies<n>(t);
  int32_t transposed[n][n];
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) transposed[x][y] = t[y][x];
  }
  butterflies<n>(transposed);
  int32_t sum = 0;
  for (const auto &row : transposed) {
    for (const int32_t value : row) sum += std::abs(value);
  }
  return n == 8 ? (sum + 2) >> 2 : (sum + 1) >> 1;
}

template <int n, typename Residual>
int64_t tiles(const Residual &at, int log2_w, int log2_h) {
  int64_t sum = 0;
  for (int y = 0; y < 1 << log2_h; y += n) {
    for (int x = 0; x < 1 << log2_w; x += n) sum += tile<n>(at, x, y);
  }
  return sum;
}

template <typename Residual>
int64_t satd_of(const Residual &at, int log2_w, int log2_h) {
  const bool small = log2_w == 2 || log2_h == 2;
  return small ? tiles<4>(at, log2_w, log2_h) : tiles<8>(at, log2_w, log2_h);
}

}  // namespace

int64_t satd(const int16_t *residual, int log2_w, int log2_h) {
  return satd_of([=](int x, int y) { return residual[(y << log2_w) + x]; }, log2_w, log2_h);
}

int64_t satd(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
             ptrdiff_t prediction_stride, int log2_w, int log2_h) {
  return satd_of(
      [=](int x, int y) {
        return source[y * source_stride + x] - prediction[y * prediction_stride + x];
      },
      log2_w, log2_h);
}

}  // namespace feat::vvc::scalar
