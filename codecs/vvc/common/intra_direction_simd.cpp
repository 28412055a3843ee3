// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/vvc/common/intra_kernels.h"
#include "codecs/vvc/common/intra_tables.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/common/intra_direction_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/common/transpose_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void PredictDirection(const Direction &direction, int log2_along, int log2_across, bool turned,
                      uint16_t *pred, ptrdiff_t stride) {
  scalar::predict_direction(direction, log2_along, log2_across, turned, pred, stride);
}

#else

constexpr int kMaxBlock = Direction::kMaxBlock;

// Every row is the main reference, moved.
template <class D16>
HWY_INLINE void CopyRows(D16 d16, const Direction &a, int width, int height, uint16_t *pred,
                         ptrdiff_t stride) {
  int whole = (a.angle >> 5) * a.ref_idx;
  for (int y = 0; y < height; ++y, pred += stride) {
    whole += a.angle >> 5;
    const int16_t *from = a.main + whole + 1;
    for (int x = 0; x < width; x += static_cast<int>(hn::MaxLanes(d16))) {
      hn::StoreU(hn::BitCast(d16, hn::LoadU(hn::RebindToSigned<D16>(), from + x)), d16, pred + x);
    }
  }
}

// Four taps between samples of the main reference, two at a time.
template <class D32>
HWY_INLINE void InterpolateRows(D32 d32, const Direction &a, int width, int height, uint16_t *pred,
                                ptrdiff_t stride) {
  const hn::Repartition<int16_t, D32> taps;
  const hn::Rebind<uint16_t, D32> d16;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d32));
  const int begin = (a.angle < 0 ? a.angle * (a.ref_idx + height) : a.angle * (a.ref_idx + 1)) >> 5;
  const int last = (a.angle < 0 ? a.angle * (a.ref_idx + 1) : a.angle * (a.ref_idx + height)) >> 5;
  // Each sample with the next one.
  HWY_ALIGN int32_t pairs[kMaxBlock + 1 + Direction::kLineMargin];
  for (int i = begin; i < last + width + 2; i += kLanes) {
    const hn::Rebind<int16_t, D32> half;
    const hn::Rebind<uint16_t, D32> unsigned_half;
    const auto first = hn::BitCast(unsigned_half, hn::LoadU(half, a.main + i));
    const auto second = hn::BitCast(unsigned_half, hn::LoadU(half, a.main + i + 1));
    hn::StoreU(hn::Or(hn::PromoteTo(d32, first), hn::ShiftLeft<16>(hn::PromoteTo(d32, second))),
               d32, pairs + i - begin);
  }
  const auto round = hn::Set(d32, 32);
  const auto max = hn::Set(d32, a.max_value);
  int position = a.angle * a.ref_idx;
  for (int y = 0; y < height; ++y, pred += stride) {
    position += a.angle;
    const int fraction = position & 31;
    const int half = fraction >> 1;
    const int16_t gaussian[4] = {static_cast<int16_t>(16 - half), static_cast<int16_t>(32 - half),
                                 static_cast<int16_t>(16 + half), static_cast<int16_t>(half)};
    const int16_t *filter = a.smooth ? gaussian : kCubicFilter[fraction];
    const auto near = SetPair(taps, filter);
    const auto far = SetPair(taps, filter + 2);
    const int32_t *from = pairs + (position >> 5) - begin;
    for (int x = 0; x < width; x += kLanes) {
      auto sum = MulAddPairs(d32, hn::BitCast(taps, hn::LoadU(d32, from + x)), near, round);
      sum = MulAddPairs(d32, hn::BitCast(taps, hn::LoadU(d32, from + x + 2)), far, sum);
      // The conversion takes what is negative to 0.
      hn::StoreU(hn::DemoteTo(d16, hn::Min(hn::ShiftRight<6>(sum), max)), d16, pred + x);
    }
  }
}

// Position-dependent combination (PDPC) of the first `columns` columns with the side. The weights
// are 1/64; a product with 15 fractional bits rounds as the standard does.
template <class D16>
HWY_INLINE void Combine(D16 d16, const Direction &a, int columns, int height, uint16_t *pred,
                        ptrdiff_t stride) {
  const hn::RebindToUnsigned<D16> du16;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d16));
  constexpr int kMaxColumns = 16;
  HWY_ALIGN int16_t weights[kMaxColumns] = {};
  for (int x = 0; x < columns; ++x) {
    weights[x] = static_cast<int16_t>((32 >> ((2 * x) >> a.pdpc_scale)) << 9);
  }
  if (a.angle == 0) {
    const auto max = hn::Set(d16, static_cast<int16_t>(a.max_value));
    for (int y = 0; y < height; ++y, pred += stride) {
      const auto gradient = hn::Set(d16, static_cast<int16_t>(a.side[1 + y] - a.side[0]));
      for (int x = 0; x < columns; x += kLanes) {
        const auto value = hn::BitCast(d16, hn::LoadU(du16, pred + x));
        const auto change = hn::MulFixedPoint15(gradient, hn::Load(d16, weights + x));
        const auto sum = hn::Min(hn::Max(hn::Add(value, change), hn::Zero(d16)), max);
        hn::StoreU(hn::BitCast(du16, sum), du16, pred + x);
      }
    }
    return;
  }
  HWY_ALIGN uint16_t sides[kMaxBlock * kMaxColumns];
  int projected = 256;
  for (int x = 0; x < columns; ++x) {
    projected += a.inverse;
    const uint16_t *from = a.side + 1 + (projected >> 9);
    for (int y = 0; y < height; ++y) sides[y * kMaxColumns + x] = from[y];
  }
  for (int y = 0; y < height; ++y, pred += stride) {
    for (int x = 0; x < columns; x += kLanes) {
      const auto value = hn::BitCast(d16, hn::LoadU(du16, pred + x));
      const auto side = hn::BitCast(d16, hn::LoadU(du16, sides + y * kMaxColumns + x));
      const auto change = hn::MulFixedPoint15(hn::Sub(side, value), hn::Load(d16, weights + x));
      hn::StoreU(hn::BitCast(du16, hn::Add(value, change)), du16, pred + x);
    }
  }
}

HWY_INLINE void PredictDown(const Direction &a, int width, int height, uint16_t *pred,
                            ptrdiff_t stride) {
  if ((a.angle & 31) == 0) {
    if (width == 4) {
      CopyRows(hn::FixedTag<uint16_t, 4>(), a, width, height, pred, stride);
    } else if (width == 8) {
      CopyRows(hn::FixedTag<uint16_t, 8>(), a, width, height, pred, stride);
    } else {
      CopyRows(hn::CappedTag<uint16_t, 16>(), a, width, height, pred, stride);
    }
  } else if (width == 4) {
    InterpolateRows(hn::FixedTag<int32_t, 4>(), a, width, height, pred, stride);
  } else if (width == 8) {
    InterpolateRows(hn::CappedTag<int32_t, 8>(), a, width, height, pred, stride);
  } else {
    InterpolateRows(hn::CappedTag<int32_t, 16>(), a, width, height, pred, stride);
  }
  if (a.pdpc_scale < 0) return;
  const int columns = std::min(3 << a.pdpc_scale, width);
  if (columns <= 4) {
    Combine(hn::FixedTag<int16_t, 4>(), a, columns, height, pred, stride);
  } else if (columns <= 8) {
    Combine(hn::FixedTag<int16_t, 8>(), a, columns, height, pred, stride);
  } else {
    Combine(hn::CappedTag<int16_t, 16>(), a, columns, height, pred, stride);
  }
}

void PredictDirection(const Direction &direction, int log2_along, int log2_across, bool turned,
                      uint16_t *pred, ptrdiff_t stride) {
  if (log2_along < 2 || log2_across < 2) {
    scalar::predict_direction(direction, log2_along, log2_across, turned, pred, stride);
    return;
  }
  const int along = 1 << log2_along;
  const int across = 1 << log2_across;
  if (!turned) {
    PredictDown(direction, along, across, pred, stride);
    return;
  }
  HWY_ALIGN uint16_t block[kMaxBlock * kMaxBlock];
  PredictDown(direction, along, across, block, along);
  Transpose(block, along, along, across, pred, stride);
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(PredictDirection);

void predict_direction(const Direction &direction, int log2_along, int log2_across, bool turned,
                       uint16_t *pred, ptrdiff_t stride) {
  HWY_DYNAMIC_DISPATCH(PredictDirection)
  (direction, log2_along, log2_across, turned, pred, stride);
}

}  // namespace feat::vvc

#endif
