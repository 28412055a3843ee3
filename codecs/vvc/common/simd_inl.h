// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the SIMD kernels share, compiled once for every target of Highway. A kernel X lives in
// X_simd.cpp beside its scalar reference in X.cpp, which also serves processors without a target.
#if defined(FEAT_VVC_COMMON_SIMD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEAT_VVC_COMMON_SIMD_INL_H
#undef FEAT_VVC_COMMON_SIMD_INL_H
#else
#define FEAT_VVC_COMMON_SIMD_INL_H
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// sum[i] + a[2 i] * b[2 i] + a[2 i + 1] * b[2 i + 1] in 32 bits.
template <class D32, class V16>
HWY_INLINE hn::VFromD<D32> MulAddPairs(D32 d, V16 a, V16 b, hn::VFromD<D32> sum) {
  hn::VFromD<D32> upper = hn::Zero(d);
  const auto lower = hn::ReorderWidenMulAccumulate(d, a, b, hn::Zero(d), upper);
  return hn::Add(sum, hn::RearrangeToOddPlusEven(lower, upper));
}

// A pair of 16-bit values from memory, in all lanes.
template <class D16>
HWY_INLINE hn::VFromD<D16> SetPair(D16 d, const int16_t *pair) {
  int32_t both;
  std::memcpy(&both, pair, sizeof(both));
  const hn::RepartitionToWide<D16> d32;
  return hn::BitCast(d, hn::Set(d32, both));
}

// Puts the sum of each four lanes (128 bits) into all of them.
template <class V32>
HWY_INLINE V32 SumOfBlocks(V32 v) {
  v = hn::Add(v, hn::Shuffle2301(v));
  return hn::Add(v, hn::Shuffle1032(v));
}

// Rows of 16-bit differences, stored or taken between two pictures as they are read.
struct StoredRows {
  const int16_t *data;
  ptrdiff_t stride;

  template <class D>
  HWY_INLINE hn::VFromD<D> Load(D d, int x, int y) const {
    return hn::LoadU(d, data + y * stride + x);
  }
};

struct DifferenceRows {
  const uint16_t *a;
  ptrdiff_t a_stride;
  const uint16_t *b;
  ptrdiff_t b_stride;

  template <class D>
  HWY_INLINE hn::VFromD<D> Load(D d, int x, int y) const {
    const hn::RebindToUnsigned<D> du;
    return hn::BitCast(
        d, hn::Sub(hn::LoadU(du, a + y * a_stride + x), hn::LoadU(du, b + y * b_stride + x)));
  }
};

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
