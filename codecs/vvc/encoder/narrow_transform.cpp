// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/narrow_transform.h"

#include <algorithm>
#include <array>

#include "codecs/vvc/common/transform_basis.h"

namespace feat::vvc::scalar {
namespace {

constexpr int kMaxCoded = 32;

// One line of 2^log2 samples, `stride` apart, to at most 32 coefficients.
void transform_line(Kernel kernel, const int32_t *in, int log2, int stride, int shift, int32_t *out,
                    int out_stride) {
  const int n = 1 << log2;
  const int16_t *functions = transform_basis(kernel, log2).by_function.data();
  for (int u = 0; u < std::min(n, kMaxCoded); ++u) {
    int32_t sum = (1 << shift) >> 1;
    for (int x = 0; x < n; ++x) sum += functions[u * n + x] * in[x * stride];
    out[u * out_stride] = sum >> shift;
  }
}

}  // namespace

void forward_narrow(const int16_t *residual, int log2_w, int log2_h, Kernel kernel, int bit_depth,
                    int32_t *coeff) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  std::array<int32_t, 2 * 64> in;
  std::array<int32_t, 2 * 64> half;
  std::copy_n(residual, width * height, in.begin());
  if (log2_w == 0 || log2_h == 0) {
    transform_line(kernel, in.data(), log2_w + log2_h, 1, log2_w + log2_h + bit_depth - 9, coeff,
                   1);
    return;
  }
  const Kernel horizontal = log2_w > log2_h ? kernel : Kernel::kDct2;
  const Kernel vertical = log2_w > log2_h ? Kernel::kDct2 : kernel;
  const int first_shift = log2_w + bit_depth - 9;
  for (int y = 0; y < height; ++y) {
    transform_line(horizontal, in.data() + y * width, log2_w, 1, first_shift,
                   half.data() + y * width, 1);
  }
  for (int x = 0; x < std::min(width, kMaxCoded); ++x) {
    transform_line(vertical, half.data() + x, log2_h, width, log2_h + 6, coeff + x, width);
  }
}

}  // namespace feat::vvc::scalar
