// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Scalar references of the inverse transforms and of what adds their result to the prediction.
#include <algorithm>
#include <array>

#include "codecs/vvc/common/transform.h"

namespace feat::vvc::scalar {
namespace {

// kDct2 widened, so that the products vectorise.
using Matrix16 = std::array<std::array<int16_t, 64>, 64>;
const Matrix16 &dct2_16() {
  static const Matrix16 matrix = [] {
    Matrix16 m{};
    for (size_t k = 0; k < 64; k++) std::copy(kDct2[k].begin(), kDct2[k].end(), m[k].begin());
    return m;
  }();
  return matrix;
}

// One line of N samples from `count` coefficients. Even basis functions are symmetric and odd
// ones antisymmetric, so that half of the products do.
template <int N>
void inverse_line(const Matrix16 &matrix, const int16_t *coeff, int count, int round, int shift,
                  int32_t *out) {
  if constexpr (N == 1) {
    out[0] = coeff[0];
  } else {
    constexpr int kHalf = N / 2;
    constexpr size_t kStep = 64 / N;
    int32_t even[kHalf];
    int32_t odd[kHalf];
    for (int i = 0; i < kHalf; i++) even[i] = round;
    for (int i = 0; i < kHalf; i++) odd[i] = 0;
    for (int k = 0; k < count; k += 2) {
      const int16_t c = coeff[k];
      if (c == 0) continue;
      const int16_t *row = matrix[static_cast<size_t>(k) * kStep].data();
      for (int i = 0; i < kHalf; i++) even[i] += c * row[i];
    }
    for (int k = 1; k < count; k += 2) {
      const int16_t c = coeff[k];
      if (c == 0) continue;
      const int16_t *row = matrix[static_cast<size_t>(k) * kStep].data();
      for (int i = 0; i < kHalf; i++) odd[i] += c * row[i];
    }
    for (int i = 0; i < kHalf; i++) {
      out[i] = (even[i] + odd[i]) >> shift;
      out[N - 1 - i] = (even[i] - odd[i]) >> shift;
    }
  }
}

// With `mirrored`, the inverse of the DCT-VIII.
template <int N>
void inverse_dst7_line(const int8_t *matrix, bool mirrored, const int16_t *coeff, int count,
                       int round, int shift, int32_t *out) {
  int32_t sum[N];
  for (int i = 0; i < N; i++) sum[i] = round;
  for (int k = 0; k < count; k++) {
    const int32_t c = mirrored && (k & 1) != 0 ? -coeff[k] : coeff[k];
    if (c == 0) continue;
    const int8_t *row = matrix + k * N;
    for (int i = 0; i < N; i++) sum[i] += c * row[i];
  }
  for (int i = 0; i < N; i++) out[mirrored ? N - 1 - i : i] = sum[i] >> shift;
}

using Dst7LineFunction = void (*)(const int8_t *, bool, const int16_t *, int, int, int, int32_t *);
constexpr Dst7LineFunction kInverseDst7Line[4] = {inverse_dst7_line<4>, inverse_dst7_line<8>,
                                                  inverse_dst7_line<16>, inverse_dst7_line<32>};

using LineFunction = void (*)(const Matrix16 &, const int16_t *, int, int, int, int32_t *);
constexpr LineFunction kInverseLine[7] = {inverse_line<1>, inverse_line<2>,  inverse_line<4>,
                                          inverse_line<8>, inverse_line<16>, inverse_line<32>,
                                          inverse_line<64>};

void inverse_line_of(Kernel kernel, int log2_size, const int16_t *coeff, int count, int round,
                     int shift, int32_t *out) {
  if (kernel == Kernel::kDct2) {
    kInverseLine[log2_size](dct2_16(), coeff, count, round, shift, out);
  } else {
    kInverseDst7Line[log2_size - 2](dst7_matrix(log2_size), kernel == Kernel::kDct8, coeff, count,
                                    round, shift, out);
  }
}

int16_t clip16(int v) {
  return static_cast<int16_t>(std::clamp(v, -32768, 32767));
}

}  // namespace

void inverse_transform(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w, int nonzero_h,
                       Kernel horizontal, Kernel vertical, int bit_depth, int32_t *residual) {
  const int height = 1 << log2_h;
  const int second_shift = 20 - bit_depth;
  const int second_round = 1 << (second_shift - 1);
  // Transforms of 64 have no coefficients beyond the first 32.
  nonzero_w = std::min(nonzero_w, 32);
  nonzero_h = std::min(nonzero_h, 32);

  if (nonzero_w == 1 && nonzero_h == 1 && log2_w > 0 && log2_h > 0 && horizontal == Kernel::kDct2 &&
      vertical == Kernel::kDct2) {
    const int first = clip16((64 * coeff[0] + 64) >> 7);
    std::fill_n(residual, 1 << (log2_w + log2_h), (64 * first + second_round) >> second_shift);
    return;
  }

  if (log2_w == 0 || log2_h == 0) {
    // One column or row: one stage, with the next bit of both shifts.
    const int count = log2_w == 0 ? nonzero_h : nonzero_w;
    int16_t in[32];
    for (int i = 0; i < count; i++) in[i] = static_cast<int16_t>(coeff[i]);
    inverse_line_of(log2_w == 0 ? vertical : horizontal, log2_w + log2_h, in, count,
                    2 * second_round, second_shift + 1, residual);
    return;
  }

  int16_t columns[32][64];  // after the first stage, transposed
  for (int x = 0; x < nonzero_w; x++) {
    int16_t in[32];
    int32_t out[64];
    for (int y = 0; y < nonzero_h; y++) in[y] = static_cast<int16_t>(coeff[(y << log2_w) + x]);
    inverse_line_of(vertical, log2_h, in, nonzero_h, 64, 7, out);
    for (int y = 0; y < height; y++) columns[x][y] = clip16(out[y]);
  }
  for (int y = 0; y < height; y++) {
    int16_t in[32];
    for (int x = 0; x < nonzero_w; x++) in[x] = columns[x][y];
    inverse_line_of(horizontal, log2_w, in, nonzero_w, second_round, second_shift,
                    residual + (y << log2_w));
  }
}

void add_residual(const uint16_t *pred, ptrdiff_t pred_stride, const int32_t *residual, int width,
                  int height, int bit_depth, uint16_t *recon, ptrdiff_t recon_stride) {
  const int32_t max_value = (1 << bit_depth) - 1;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      recon[x] = static_cast<uint16_t>(std::clamp(pred[x] + residual[x], 0, max_value));
    }
    pred += pred_stride;
    recon += recon_stride;
    residual += width;
  }
}

}  // namespace feat::vvc::scalar
