// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/satd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/satd_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/common/transpose_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

int64_t StoredSatd(const int16_t *residual, int log2_w, int log2_h) {
  return scalar::satd(residual, log2_w, log2_h);
}

int64_t DifferenceSatd(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
                       ptrdiff_t prediction_stride, int log2_w, int log2_h) {
  return scalar::satd(source, source_stride, prediction, prediction_stride, log2_w, log2_h);
}

#else

template <class V>
HWY_INLINE void Butterfly(V &a, V &b) {
  const V sum = hn::Add(a, b);
  b = hn::Sub(a, b);
  a = sum;
}

// What the last butterfly of a and b adds to the sum of absolute values is twice this:
// |a + b| + |a - b| = 2 max(|a|, |b|). So 16 bits suffice.
template <class V>
HWY_INLINE V LastButterfly(V a, V b) {
  return hn::Max(hn::Abs(a), hn::Abs(b));
}

template <class V>
HWY_INLINE void TwoStages(V &r0, V &r1, V &r2, V &r3) {
  Butterfly(r0, r2);
  Butterfly(r1, r3);
  Butterfly(r0, r1);
  Butterfly(r2, r3);
}

// One 8x8 tile for every 128 bits of the vector.
template <class D, class Rows>
HWY_INLINE hn::VFromD<hn::RepartitionToWide<D>> Tiles8(D d, const Rows &rows, int x, int y) {
  const hn::RepartitionToWide<D> d32;
  auto r0 = rows.Load(d, x, y);
  auto r1 = rows.Load(d, x, y + 1);
  auto r2 = rows.Load(d, x, y + 2);
  auto r3 = rows.Load(d, x, y + 3);
  auto r4 = rows.Load(d, x, y + 4);
  auto r5 = rows.Load(d, x, y + 5);
  auto r6 = rows.Load(d, x, y + 6);
  auto r7 = rows.Load(d, x, y + 7);
  Butterfly(r0, r4);
  Butterfly(r1, r5);
  Butterfly(r2, r6);
  Butterfly(r3, r7);
  TwoStages(r0, r1, r2, r3);
  TwoStages(r4, r5, r6, r7);
  Transpose8(r0, r1, r2, r3, r4, r5, r6, r7);
  Butterfly(r0, r1);
  Butterfly(r4, r5);
  Butterfly(r2, r3);
  Butterfly(r6, r7);
  Butterfly(r0, r2);
  Butterfly(r4, r6);
  Butterfly(r1, r3);
  Butterfly(r5, r7);
  const auto one = hn::Set(d, 1);
  auto sum = MulAddPairs(d32, LastButterfly(r0, r4), one, hn::Set(d32, 0));
  sum = MulAddPairs(d32, LastButterfly(r1, r5), one, sum);
  sum = MulAddPairs(d32, LastButterfly(r2, r6), one, sum);
  sum = MulAddPairs(d32, LastButterfly(r3, r7), one, sum);
  return hn::ShiftRight<1>(hn::Add(SumOfBlocks(sum), hn::Set(d32, 1)));
}

template <class D, class Rows>
HWY_INLINE int64_t Satd8(D d, const Rows &rows, int width, int height) {
  const hn::RepartitionToWide<D> d32;
  auto sum = hn::Zero(d32);
  for (int y = 0; y < height; y += 8) {
    for (int x = 0; x < width; x += static_cast<int>(hn::Lanes(d))) {
      sum = hn::Add(sum, Tiles8(d, rows, x, y));
    }
  }
  // Four lanes hold the sum of a tile.
  return hn::GetLane(hn::SumOfLanes(d32, sum)) / 4;
}

// Two 4x4 tiles for every 128 bits of the vector, from four rows.
template <class D, class V>
HWY_INLINE hn::VFromD<hn::RepartitionToWide<D>> Tiles4(D d, V r0, V r1, V r2, V r3,
                                                       hn::VFromD<hn::RepartitionToWide<D>> sum) {
  const hn::RepartitionToWide<D> d32;
  const hn::RepartitionToWide<decltype(d32)> d64;
  TwoStages(r0, r1, r2, r3);
  // Columns 0 and 1 of the first tile are then in r0, 2 and 3 in r2; of the second in r1 and r3.
  Interleave(d, r0, r1);
  Interleave(d, r2, r3);
  Interleave(d32, r0, r2);
  Interleave(d32, r1, r3);
  Butterfly(r0, r2);
  Butterfly(r1, r3);
  Interleave(d64, r0, r1);
  Interleave(d64, r2, r3);
  return MulAddPairs(d32, hn::Add(LastButterfly(r0, r1), LastButterfly(r2, r3)), hn::Set(d, 1),
                     sum);
}

template <class D, class Rows>
HWY_INLINE int64_t Satd4(D d, const Rows &rows, int width, int height) {
  const hn::RepartitionToWide<D> d32;
  auto sum = hn::Zero(d32);
  for (int y = 0; y < height; y += 4) {
    for (int x = 0; x < width; x += static_cast<int>(hn::Lanes(d))) {
      sum = Tiles4(d, rows.Load(d, x, y), rows.Load(d, x, y + 1), rows.Load(d, x, y + 2),
                   rows.Load(d, x, y + 3), sum);
    }
  }
  return hn::GetLane(hn::SumOfLanes(d32, sum));
}

// Four wide: the tile below beside the first.
template <class Rows>
HWY_INLINE int64_t NarrowSatd4(const Rows &rows, int height) {
  const hn::FixedTag<int16_t, 8> d;
  const hn::FixedTag<int16_t, 4> half;
  const hn::RepartitionToWide<decltype(d)> d32;
  if (height == 4) {
    const auto row = [&](int y) HWY_ATTR { return hn::ZeroExtendVector(d, rows.Load(half, 0, y)); };
    const auto sum = Tiles4(d, row(0), row(1), row(2), row(3), hn::Zero(d32));
    return hn::GetLane(hn::SumOfLanes(d32, sum));
  }
  auto sum = hn::Zero(d32);
  for (int top = 0; top < height; top += 8) {
    const auto row = [&](int y) HWY_ATTR {
      return hn::Combine(d, rows.Load(half, 0, top + y + 4), rows.Load(half, 0, top + y));
    };
    sum = Tiles4(d, row(0), row(1), row(2), row(3), sum);
  }
  return hn::GetLane(hn::SumOfLanes(d32, sum));
}

template <class Rows>
HWY_INLINE int64_t Satd(const Rows &rows, int log2_w, int log2_h) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const hn::CappedTag<int16_t, 32> widest;
  const hn::CappedTag<int16_t, 16> wide;
  const hn::FixedTag<int16_t, 8> narrow;
  if (log2_w == 2) return NarrowSatd4(rows, height);
  if (log2_h == 2) {
    return log2_w == 3   ? Satd4(narrow, rows, width, height)
           : log2_w == 4 ? Satd4(wide, rows, width, height)
                         : Satd4(widest, rows, width, height);
  }
  return log2_w == 3   ? Satd8(narrow, rows, width, height)
         : log2_w == 4 ? Satd8(wide, rows, width, height)
                       : Satd8(widest, rows, width, height);
}

int64_t StoredSatd(const int16_t *residual, int log2_w, int log2_h) {
  return Satd(StoredRows{residual, ptrdiff_t{1} << log2_w}, log2_w, log2_h);
}

int64_t DifferenceSatd(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
                       ptrdiff_t prediction_stride, int log2_w, int log2_h) {
  return Satd(DifferenceRows{source, source_stride, prediction, prediction_stride}, log2_w, log2_h);
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(StoredSatd);
HWY_EXPORT(DifferenceSatd);

int64_t satd(const int16_t *residual, int log2_w, int log2_h) {
  return HWY_DYNAMIC_DISPATCH(StoredSatd)(residual, log2_w, log2_h);
}

int64_t satd(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
             ptrdiff_t prediction_stride, int log2_w, int log2_h) {
  return HWY_DYNAMIC_DISPATCH(DifferenceSatd)(source, source_stride, prediction, prediction_stride,
                                              log2_w, log2_h);
}

}  // namespace feat::vvc

#endif
