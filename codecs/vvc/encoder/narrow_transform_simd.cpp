// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/narrow_transform.h"

#include <algorithm>

#include "codecs/vvc/common/transform_basis.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/narrow_transform_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/common/transform_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ForwardNarrow(const int16_t *residual, int log2_w, int log2_h, Kernel kernel, int bit_depth,
                   int32_t *coeff) {
  scalar::forward_narrow(residual, log2_w, log2_h, kernel, bit_depth, coeff);
}

#else

constexpr int kDc =
    64;  // the factor of the first function, and up to the sign of the second of two

// The transform of 2^log2 points along the long side, of which `coded` are computed; the one of two
// points is a sum and a difference.
template <int coded>
HWY_INLINE void Transform(const int16_t *residual, int log2_w, int log2_h, Kernel kernel,
                          int bit_depth, int32_t *coeff) {
  const hn::CappedTag < int32_t, coded<16 ? coded : 16> d32;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d32));
  constexpr int kVectors = coded / kLanes < 4 ? coded / kLanes : 4;
  const int log2 = log2_w > log2_h ? log2_w : log2_h;
  const int n = 1 << log2;
  const int16_t *factors = transform_basis(kernel, log2).sample_pairs.data();
  const int row_shift = std::max(log2_w + bit_depth - 9, 0);  // a column alone has no rows
  const int row_round = (1 << row_shift) >> 1;
  const int column_shift = log2_h + 6;
  const int column_round = 1 << (column_shift - 1);
  const bool in_columns = log2_w == 1;
  HWY_ALIGN int16_t columns[2 * 64];
  if (in_columns) {
    for (int y = 0; y < n; ++y) {
      const int a = residual[2 * y];
      const int b = residual[2 * y + 1];
      columns[y] = static_cast<int16_t>((kDc * (a + b) + row_round) >> row_shift);
      columns[n + y] = static_cast<int16_t>((kDc * (a - b) + row_round) >> row_shift);
    }
  }
  for (int first = 0; first < coded; first += kVectors * kLanes) {
    if (log2_w == 0 || log2_h == 0) {
      const int shift = log2 + bit_depth - 9;
      hn::VFromD<decltype(d32)> sum[1][kVectors];
      Multiply(d32, residual, n, n, factors + 2 * first, 2 * coded, (1 << shift) >> 1, sum);
      for (int v = 0; v < kVectors; ++v) {
        hn::StoreU(hn::ShiftRightSame(sum[0][v], shift), d32, coeff + first + v * kLanes);
      }
      continue;
    }
    hn::VFromD<decltype(d32)> sum[2][kVectors];
    Multiply(d32, in_columns ? columns : residual, n, n, factors + 2 * first, 2 * coded,
             in_columns ? column_round : row_round, sum);
    for (int v = 0; v < kVectors; ++v) {
      const int at = first + v * kLanes;
      if (in_columns) {
        hn::StoreInterleaved2(hn::ShiftRightSame(sum[0][v], column_shift),
                              hn::ShiftRightSame(sum[1][v], column_shift), d32, coeff + 2 * at);
        continue;
      }
      const auto a = hn::ShiftRightSame(sum[0][v], row_shift);
      const auto b = hn::ShiftRightSame(sum[1][v], row_shift);
      const auto round = hn::Set(d32, column_round / kDc);
      constexpr int kRest = 1;  // of the shift, kDc = 2^6 taken off
      hn::StoreU(hn::ShiftRight<kRest>(hn::Add(hn::Add(a, b), round)), d32, coeff + at);
      hn::StoreU(hn::ShiftRight<kRest>(hn::Add(hn::Sub(a, b), round)), d32, coeff + n + at);
    }
  }
}

void ForwardNarrow(const int16_t *residual, int log2_w, int log2_h, Kernel kernel, int bit_depth,
                   int32_t *coeff) {
  switch (log2_w > log2_h ? log2_w : log2_h) {
    case 3:
      return Transform<8>(residual, log2_w, log2_h, kernel, bit_depth, coeff);
    case 4:
      return Transform<16>(residual, log2_w, log2_h, kernel, bit_depth, coeff);
    default:
      return Transform<32>(residual, log2_w, log2_h, kernel, bit_depth, coeff);
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(ForwardNarrow);

void forward_narrow(const int16_t *residual, int log2_w, int log2_h, Kernel kernel, int bit_depth,
                    int32_t *coeff) {
  HWY_DYNAMIC_DISPATCH(ForwardNarrow)(residual, log2_w, log2_h, kernel, bit_depth, coeff);
}

}  // namespace feat::vvc

#endif
