// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Transposition of blocks of 16-bit samples.
#if defined(FEAT_VVC_COMMON_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEAT_VVC_COMMON_TRANSPOSE_INL_H
#undef FEAT_VVC_COMMON_TRANSPOSE_INL_H
#else
#define FEAT_VVC_COMMON_TRANSPOSE_INL_H
#endif

#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

// a and b become their neighbouring lanes of the type of `d`, those of the lower and of the upper
// half of every 128-bit block.
template <class D, class V>
HWY_INLINE void Interleave(D d, V &a, V &b) {
  const hn::DFromV<V> from;
  const auto x = hn::BitCast(d, a);
  const auto y = hn::BitCast(d, b);
  a = hn::BitCast(from, hn::InterleaveLower(d, x, y));
  b = hn::BitCast(from, hn::InterleaveUpper(d, x, y));
}

// Transposes 8 x 8 lanes of 16 bits in every 128-bit block. The columns 0 to 7 are then in
// r0, r4, r2, r6, r1, r5, r3, r7.
template <class V>
HWY_INLINE void Transpose8(V &r0, V &r1, V &r2, V &r3, V &r4, V &r5, V &r6, V &r7) {
  const hn::DFromV<V> d16;
  const hn::RepartitionToWide<decltype(d16)> d32;
  const hn::RepartitionToWide<decltype(d32)> d64;
  Interleave(d16, r0, r1);
  Interleave(d16, r2, r3);
  Interleave(d16, r4, r5);
  Interleave(d16, r6, r7);
  Interleave(d32, r0, r2);
  Interleave(d32, r1, r3);
  Interleave(d32, r4, r6);
  Interleave(d32, r5, r7);
  Interleave(d64, r0, r4);
  Interleave(d64, r1, r5);
  Interleave(d64, r2, r6);
  Interleave(d64, r3, r7);
}

// `in` has rows of `width` samples; sides are multiples of 4 and, beyond 4, of 8.
HWY_INLINE void Transpose(const uint16_t *in, ptrdiff_t in_stride, int width, int height,
                          uint16_t *out, ptrdiff_t out_stride) {
  const hn::FixedTag<uint16_t, 8> d;
  const hn::FixedTag<uint16_t, 4> half;
  const hn::RepartitionToWide<decltype(d)> d32;
  if (width == 4 || height == 4) {
    for (int y = 0; y < height; y += 4) {
      for (int x = 0; x < width; x += 4) {
        const uint16_t *from = in + y * in_stride + x;
        uint16_t *to = out + x * out_stride + y;
        const auto row = [&](int i) HWY_ATTR {
          return hn::ZeroExtendVector(d, hn::LoadU(half, from + i * in_stride));
        };
        auto top = hn::InterleaveLower(d, row(0), row(1));
        auto bottom = hn::InterleaveLower(d, row(2), row(3));
        Interleave(d32, top, bottom);
        hn::StoreU(hn::LowerHalf(half, top), half, to);
        hn::StoreU(hn::UpperHalf(half, top), half, to + out_stride);
        hn::StoreU(hn::LowerHalf(half, bottom), half, to + 2 * out_stride);
        hn::StoreU(hn::UpperHalf(half, bottom), half, to + 3 * out_stride);
      }
    }
    return;
  }
  for (int y = 0; y < height; y += 8) {
    for (int x = 0; x < width; x += 8) {
      const uint16_t *from = in + y * in_stride + x;
      uint16_t *to = out + x * out_stride + y;
      auto r0 = hn::LoadU(d, from);
      auto r1 = hn::LoadU(d, from + in_stride);
      auto r2 = hn::LoadU(d, from + 2 * in_stride);
      auto r3 = hn::LoadU(d, from + 3 * in_stride);
      auto r4 = hn::LoadU(d, from + 4 * in_stride);
      auto r5 = hn::LoadU(d, from + 5 * in_stride);
      auto r6 = hn::LoadU(d, from + 6 * in_stride);
      auto r7 = hn::LoadU(d, from + 7 * in_stride);
      Transpose8(r0, r1, r2, r3, r4, r5, r6, r7);
      hn::StoreU(r0, d, to);
      hn::StoreU(r4, d, to + out_stride);
      hn::StoreU(r2, d, to + 2 * out_stride);
      hn::StoreU(r6, d, to + 3 * out_stride);
      hn::StoreU(r1, d, to + 4 * out_stride);
      hn::StoreU(r5, d, to + 5 * out_stride);
      hn::StoreU(r3, d, to + 6 * out_stride);
      hn::StoreU(r7, d, to + 7 * out_stride);
    }
  }
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
