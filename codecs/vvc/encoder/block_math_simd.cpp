// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_math.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/block_math_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void Subtract(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
              ptrdiff_t prediction_stride, int log2_w, int log2_h, int16_t *residual) {
  scalar::subtract(source, source_stride, prediction, prediction_stride, log2_w, log2_h, residual);
}

int64_t SumOfSquares(const int16_t *residual, int log2_w, int log2_h) {
  return scalar::sum_of_squares(residual, log2_w, log2_h);
}

int64_t SumOfSquaredErrors(const uint16_t *a, ptrdiff_t a_stride, const uint16_t *b,
                           ptrdiff_t b_stride, int log2_w, int log2_h) {
  return scalar::sum_of_squared_errors(a, a_stride, b, b_stride, log2_w, log2_h);
}

Steps SumOfSteps(const uint16_t *block, ptrdiff_t stride, int log2_w, int log2_h) {
  return scalar::sum_of_steps(block, stride, log2_w, log2_h);
}

#else

template <class D>
HWY_INLINE void SubtractRows(D d, const DifferenceRows &rows, int width, int height,
                             int16_t *residual) {
  for (int y = 0; y < height; ++y, residual += width) {
    for (int x = 0; x < width; x += static_cast<int>(hn::Lanes(d))) {
      hn::StoreU(rows.Load(d, x, y), d, residual + x);
    }
  }
}

// A lane of 32 bits takes the sum of 2048 squares of 10 bits, half the largest block.
template <class D, class Rows>
HWY_INLINE int64_t SquaresOf(D d, const Rows &rows, int width, int height) {
  const hn::RepartitionToWide<D> d32;
  const hn::RepartitionToWide<decltype(d32)> d64;
  const hn::Half<decltype(d32)> half;
  auto sum = hn::Zero(d32);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; x += static_cast<int>(hn::Lanes(d))) {
      const auto v = rows.Load(d, x, y);
      sum = MulAddPairs(d32, v, v, sum);
    }
  }
  const auto lower = hn::PromoteTo(d64, hn::LowerHalf(half, sum));
  const auto upper = hn::PromoteTo(d64, hn::UpperHalf(half, sum));
  return hn::GetLane(hn::SumOfLanes(d64, hn::Add(lower, upper)));
}

template <class Rows>
HWY_INLINE int64_t Squares(const Rows &rows, int log2_w, int log2_h) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  switch (log2_w) {
    case 2:
      return SquaresOf(hn::FixedTag<int16_t, 4>(), rows, width, height);
    case 3:
      return SquaresOf(hn::FixedTag<int16_t, 8>(), rows, width, height);
    case 4:
      return SquaresOf(hn::CappedTag<int16_t, 16>(), rows, width, height);
    default:
      return SquaresOf(hn::CappedTag<int16_t, 32>(), rows, width, height);
  }
}

void Subtract(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
              ptrdiff_t prediction_stride, int log2_w, int log2_h, int16_t *residual) {
  const DifferenceRows rows{source, source_stride, prediction, prediction_stride};
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  switch (log2_w) {
    case 0:
    case 1:
      return scalar::subtract(source, source_stride, prediction, prediction_stride, log2_w, log2_h,
                              residual);
    case 2:
      return SubtractRows(hn::FixedTag<int16_t, 4>(), rows, width, height, residual);
    case 3:
      return SubtractRows(hn::FixedTag<int16_t, 8>(), rows, width, height, residual);
    default:
      return SubtractRows(hn::CappedTag<int16_t, 16>(), rows, width, height, residual);
  }
}

// The rows follow one another, so the block is as good as one of the same area, 16 wide.
int64_t SumOfSquares(const int16_t *residual, int log2_w, int log2_h) {
  return Squares(StoredRows{residual, 16}, 4, log2_w + log2_h - 4);
}

int64_t SumOfSquaredErrors(const uint16_t *a, ptrdiff_t a_stride, const uint16_t *b,
                           ptrdiff_t b_stride, int log2_w, int log2_h) {
  return Squares(DifferenceRows{a, a_stride, b, b_stride}, log2_w, log2_h);
}

// Reads one sample behind each row but the last.
template <class D>
HWY_INLINE Steps StepsOf(D d, const uint16_t *block, ptrdiff_t stride, int width, int height) {
  const hn::RebindToUnsigned<D> du;
  const hn::RepartitionToWide<D> d32;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d));
  const auto one = hn::Set(d, 1);
  auto along = hn::Zero(d32);
  auto down = hn::Zero(d32);
  for (int x = 0; x < width; x += kLanes) {
    // Without the last column.
    const auto counted = hn::IfThenElseZero(
        hn::Lt(hn::Iota(d, static_cast<int16_t>(x)), hn::Set(d, static_cast<int16_t>(width - 1))),
        one);
    for (int y = 0; y + 1 < height; ++y) {
      const uint16_t *at = block + y * stride + x;
      const auto step_to = [&](const uint16_t *other) HWY_ATTR {
        const auto difference = hn::Sub(hn::LoadU(du, other), hn::LoadU(du, at));
        return hn::Abs(hn::BitCast(d, difference));
      };
      along = MulAddPairs(d32, step_to(at + 1), counted, along);
      down = MulAddPairs(d32, step_to(at + stride), counted, down);
    }
  }
  return {hn::GetLane(hn::SumOfLanes(d32, along)), hn::GetLane(hn::SumOfLanes(d32, down))};
}

Steps SumOfSteps(const uint16_t *block, ptrdiff_t stride, int log2_w, int log2_h) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  switch (log2_w) {
    case 2:
      return StepsOf(hn::FixedTag<int16_t, 4>(), block, stride, width, height);
    case 3:
      return StepsOf(hn::FixedTag<int16_t, 8>(), block, stride, width, height);
    case 4:
      return StepsOf(hn::CappedTag<int16_t, 16>(), block, stride, width, height);
    default:
      return StepsOf(hn::CappedTag<int16_t, 32>(), block, stride, width, height);
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(Subtract);
HWY_EXPORT(SumOfSquares);
HWY_EXPORT(SumOfSquaredErrors);
HWY_EXPORT(SumOfSteps);

void subtract(const uint16_t *source, ptrdiff_t source_stride, const uint16_t *prediction,
              ptrdiff_t prediction_stride, int log2_w, int log2_h, int16_t *residual) {
  HWY_DYNAMIC_DISPATCH(Subtract)
  (source, source_stride, prediction, prediction_stride, log2_w, log2_h, residual);
}

int64_t sum_of_squares(const int16_t *residual, int log2_w, int log2_h) {
  return HWY_DYNAMIC_DISPATCH(SumOfSquares)(residual, log2_w, log2_h);
}

int64_t sum_of_squared_errors(const uint16_t *a, ptrdiff_t a_stride, const uint16_t *b,
                              ptrdiff_t b_stride, int log2_w, int log2_h) {
  return HWY_DYNAMIC_DISPATCH(SumOfSquaredErrors)(a, a_stride, b, b_stride, log2_w, log2_h);
}

Steps sum_of_steps(const uint16_t *block, ptrdiff_t stride, int log2_w, int log2_h) {
  return HWY_DYNAMIC_DISPATCH(SumOfSteps)(block, stride, log2_w, log2_h);
}

}  // namespace feat::vvc

#endif
