// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The product of matrices that the SIMD transforms are made of.
#if defined(FEAT_VVC_COMMON_TRANSFORM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEAT_VVC_COMMON_TRANSFORM_INL_H
#undef FEAT_VVC_COMMON_TRANSFORM_INL_H
#else
#define FEAT_VVC_COMMON_TRANSFORM_INL_H
#endif

#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

// Products of `lines` lines of `count` values (an even number, lines `stride` apart) with
// `vectors` vectors of columns. Two values go to all lanes at a time; `factors` has the two of
// every column side by side, and after `factor_stride` those for the next two values.
template <int lines, int vectors, class D32>
HWY_INLINE void Multiply(D32 d32, const int16_t *values, int stride, int count,
                         const int16_t *factors, int factor_stride, int round,
                         hn::VFromD<D32> (&sum)[lines][vectors]) {
  const hn::Repartition<int16_t, D32> d16;
  constexpr int kLanes16 = 2 * static_cast<int>(hn::MaxLanes(d32));
  for (int i = 0; i < lines; ++i) {
    for (int v = 0; v < vectors; ++v) sum[i][v] = hn::Set(d32, round);
  }
  for (int x = 0; x < count; x += 2, factors += factor_stride) {
    for (int v = 0; v < vectors; ++v) {
      const auto factor = hn::Load(d16, factors + v * kLanes16);
      for (int i = 0; i < lines; ++i) {
        sum[i][v] = MulAddPairs(d32, SetPair(d16, values + i * stride + x), factor, sum[i][v]);
      }
    }
  }
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
