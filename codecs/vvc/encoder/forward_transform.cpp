// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/forward_transform.h"

#include <array>

#include "codecs/vvc/common/transform_basis.h"

namespace feat::vvc::scalar {
namespace {

// One dimension of `lines` lines of 2^log2 samples; the result is transposed: out[u][line].
template <typename Out>
void transform_lines(Kernel kernel, int log2, const int16_t *in, int lines, int shift, Out *out,
                     int out_stride) {
  const int n = 1 << log2;
  const int16_t *functions = transform_basis(kernel, log2).by_function.data();
  const int32_t round = 1 << (shift - 1);
  for (int line = 0; line < lines; ++line, in += n) {
    for (int u = 0; u < coded_points(kernel, log2); ++u) {
      const int16_t *function = functions + u * n;
      int32_t sum = 0;
      for (int x = 0; x < n; ++x) sum += function[x] * in[x];
      out[u * out_stride + line] = static_cast<Out>((sum + round) >> shift);
    }
  }
}

}  // namespace

void forward_transform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                       Kernel vertical, int bit_depth, int32_t *coeff) {
  std::array<int16_t, TransformBasis::kMaxEntries> columns;
  transform_lines(horizontal, log2_w, residual, 1 << log2_h, log2_w + bit_depth - 9, columns.data(),
                  1 << log2_h);
  transform_lines(vertical, log2_h, columns.data(), coded_points(horizontal, log2_w), log2_h + 6,
                  coeff, 1 << log2_w);
}

}  // namespace feat::vvc::scalar
