// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/forward_transform.h"

#include <algorithm>
#include <array>

#include "codecs/vvc/common/transform.h"

namespace feat::vvc {
namespace {

constexpr int kMaxLog2 = 6;
constexpr int kMaxSide = 64;
constexpr int kMaxCoded = 32;

// Basis functions widened to 16 bits, rows of n samples, for every n.
struct Basis {
  std::array<std::array<int16_t, kMaxCoded * kMaxSide>, kMaxLog2 + 1> of_size{};

  Basis() {
    for (size_t log2 = 2; log2 <= kMaxLog2; ++log2) {
      const size_t n = size_t{1} << log2;
      for (size_t u = 0; u < std::min<size_t>(n, kMaxCoded); ++u) {
        for (size_t x = 0; x < n; ++x) {
          of_size[log2][u * n + x] = kDct2[u * (kMaxSide / n)][x];
        }
      }
    }
  }
};

const Basis &basis() {
  static const Basis b;
  return b;
}

// One dimension of `lines` lines of 2^log2 samples; the result is transposed: out[u][line].
template <int log2, typename Out>
void transform_lines(const int16_t *in, int lines, int shift, Out *out, int out_stride) {
  constexpr int n = 1 << log2;
  constexpr int coded = n < kMaxCoded ? n : kMaxCoded;
  const int16_t *rows = basis().of_size[log2].data();
  const int32_t round = 1 << (shift - 1);
  for (int line = 0; line < lines; ++line) {
    const int16_t *samples = in + line * n;
    for (int u = 0; u < coded; ++u) {
      const int16_t *row = rows + u * n;
      int32_t sum = 0;
      for (int x = 0; x < n; ++x) sum += row[x] * samples[x];
      out[u * out_stride + line] = static_cast<Out>((sum + round) >> shift);
    }
  }
}

template <typename Out>
void transform_lines(int log2, const int16_t *in, int lines, int shift, Out *out, int out_stride) {
  switch (log2) {
    case 2:
      return transform_lines<2>(in, lines, shift, out, out_stride);
    case 3:
      return transform_lines<3>(in, lines, shift, out, out_stride);
    case 4:
      return transform_lines<4>(in, lines, shift, out, out_stride);
    case 5:
      return transform_lines<5>(in, lines, shift, out, out_stride);
    default:
      return transform_lines<6>(in, lines, shift, out, out_stride);
  }
}

}  // namespace

void forward_dct2(const int16_t *residual, int log2_w, int log2_h, int bit_depth, int32_t *coeff) {
  std::array<int16_t, kMaxCoded * kMaxSide> columns;
  transform_lines(log2_w, residual, 1 << log2_h, log2_w + bit_depth - 9, columns.data(),
                  1 << log2_h);
  transform_lines(log2_h, columns.data(), std::min(1 << log2_w, kMaxCoded), log2_h + 6, coeff,
                  1 << log2_w);
}

}  // namespace feat::vvc
