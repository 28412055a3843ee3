// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/forward_transform.h"

#include "codecs/vvc/common/transform_basis.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/forward_transform_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/common/transform_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ForwardTransform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                      Kernel vertical, int bit_depth, int32_t *coeff) {
  scalar::forward_transform(residual, log2_w, log2_h, horizontal, vertical, bit_depth, coeff);
}

#else

// Both stages are products with a matrix, two terms at a time: a pair of neighbouring samples goes
// to all lanes, and every lane has the pair of factors of its own column.

template <int columns>
HWY_INLINE void Transform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                          Kernel vertical, int bit_depth, int32_t *coeff) {
  const hn::CappedTag < int32_t, columns<16 ? columns : 16> d32;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d32));
  constexpr int kVectors = columns / kLanes < 4 ? columns / kLanes : 4;
  constexpr int kLines = kVectors > 2 ? 2 : 4;
  HWY_ALIGN int16_t rows[64 * columns];  // of the first stage, two side by side as pairs
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int16_t *factors = transform_basis(horizontal, log2_w).sample_pairs.data();
  const int16_t *functions = transform_basis(vertical, log2_h).by_function.data();
  const int coded = coded_points(vertical, log2_h);
  const int row_shift = log2_w + bit_depth - 9;
  const int column_shift = log2_h + 6;
  const auto low = hn::Set(d32, 0xffff);
  for (int first = 0; first < columns; first += kVectors * kLanes) {
    hn::VFromD<decltype(d32)> sum[kLines][kVectors];
    for (int y = 0; y < height; y += kLines) {
      Multiply(d32, residual + y * width, width, width, factors + 2 * first, 2 * columns,
               1 << (row_shift - 1), sum);
      for (int i = 0; i < kLines; i += 2) {
        auto *out = reinterpret_cast<int32_t *>(rows + (y + i) * columns) + first;
        for (int v = 0; v < kVectors; ++v) {
          const auto upper = hn::And(hn::ShiftRightSame(sum[i][v], row_shift), low);
          const auto lower = hn::ShiftLeft<16>(hn::ShiftRightSame(sum[i + 1][v], row_shift));
          hn::Store(hn::Or(upper, lower), d32, out + v * kLanes);
        }
      }
    }
    for (int u = 0; u < coded; u += kLines) {
      Multiply(d32, functions + u * height, height, height, rows + 2 * first, 2 * columns,
               1 << (column_shift - 1), sum);
      for (int i = 0; i < kLines; ++i) {
        for (int v = 0; v < kVectors; ++v) {
          hn::StoreU(hn::ShiftRightSame(sum[i][v], column_shift), d32,
                     coeff + (u + i) * width + first + v * kLanes);
        }
      }
    }
  }
}

void ForwardTransform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                      Kernel vertical, int bit_depth, int32_t *coeff) {
  switch (coded_points(horizontal, log2_w)) {
    case 4:
      return Transform<4>(residual, log2_w, log2_h, horizontal, vertical, bit_depth, coeff);
    case 8:
      return Transform<8>(residual, log2_w, log2_h, horizontal, vertical, bit_depth, coeff);
    case 16:
      return Transform<16>(residual, log2_w, log2_h, horizontal, vertical, bit_depth, coeff);
    default:
      return Transform<32>(residual, log2_w, log2_h, horizontal, vertical, bit_depth, coeff);
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(ForwardTransform);

void forward_transform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                       Kernel vertical, int bit_depth, int32_t *coeff) {
  HWY_DYNAMIC_DISPATCH(ForwardTransform)
  (residual, log2_w, log2_h, horizontal, vertical, bit_depth, coeff);
}

}  // namespace feat::vvc

#endif
