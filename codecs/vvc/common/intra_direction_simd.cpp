// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstring>

#include "codecs/vvc/common/intra_kernels.h"

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
    const uint16_t *from = a.main + whole + 1;
    for (int x = 0; x < width; x += static_cast<int>(hn::MaxLanes(d16))) {
      hn::StoreU(hn::LoadU(d16, from + x), d16, pred + x);
    }
  }
}

// Four taps between samples of the main reference, two and two.
template <class D16>
HWY_INLINE void InterpolateRows(D16 d16, const Direction &a, int width, int height, uint16_t *pred,
                                ptrdiff_t stride) {
  const hn::RebindToUnsigned<D16> du16;
  const hn::RepartitionToWide<D16> d32;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d16));
  const auto round = hn::Set(d32, 32);
  const auto max = hn::Set(d16, static_cast<int16_t>(a.max_value));
  int position = a.angle * a.ref_idx;
  for (int y = 0; y < height; ++y, pred += stride) {
    position += a.angle;
    const int16_t *taps = a.taps(position);
    const auto near = SetPair(d16, taps);
    const auto far = SetPair(d16, taps + 2);
    const uint16_t *from = a.main + (position >> 5);
    for (int x = 0; x < width; x += kLanes) {
      const auto s0 = hn::BitCast(d16, hn::LoadU(du16, from + x));
      const auto s1 = hn::BitCast(d16, hn::LoadU(du16, from + x + 1));
      const auto s2 = hn::BitCast(d16, hn::LoadU(du16, from + x + 2));
      const auto s3 = hn::BitCast(d16, hn::LoadU(du16, from + x + 3));
      auto lower = MulAddPairs(d32, hn::InterleaveLower(d16, s0, s1), near, round);
      auto upper = MulAddPairs(d32, hn::InterleaveUpper(d16, s0, s1), near, round);
      lower = MulAddPairs(d32, hn::InterleaveLower(d16, s2, s3), far, lower);
      upper = MulAddPairs(d32, hn::InterleaveUpper(d16, s2, s3), far, upper);
      // Undoes the interleaving.
      const auto both =
          hn::ReorderDemote2To(d16, hn::ShiftRight<6>(lower), hn::ShiftRight<6>(upper));
      const auto value = hn::Min(hn::Max(both, hn::Zero(d16)), max);
      hn::StoreU(hn::BitCast(du16, value), du16, pred + x);
    }
  }
}

// Four wide.
HWY_INLINE void InterpolateNarrow(const Direction &a, int height, uint16_t *pred,
                                  ptrdiff_t stride) {
  const hn::FixedTag<int16_t, 8> d16;
  const hn::FixedTag<int32_t, 4> d32;
  const hn::FixedTag<uint16_t, 4> half;
  const auto load = [&](const uint16_t *from) HWY_ATTR {
    return hn::BitCast(
        d16, hn::ZeroExtendVector(hn::RebindToUnsigned<decltype(d16)>(), hn::LoadU(half, from)));
  };
  const auto round = hn::Set(d32, 32);
  const auto max = hn::Set(d32, a.max_value);
  int position = a.angle * a.ref_idx;
  for (int y = 0; y < height; ++y, pred += stride) {
    position += a.angle;
    const int16_t *taps = a.taps(position);
    const uint16_t *from = a.main + (position >> 5);
    const auto near = hn::InterleaveLower(d16, load(from), load(from + 1));
    const auto far = hn::InterleaveLower(d16, load(from + 2), load(from + 3));
    auto sum = MulAddPairs(d32, near, SetPair(d16, taps), round);
    sum = MulAddPairs(d32, far, SetPair(d16, taps + 2), sum);
    // The conversion takes what is negative to 0.
    hn::StoreU(hn::DemoteTo(half, hn::Min(hn::ShiftRight<6>(sum), max)), half, pred);
  }
}

// Position-dependent combination (PDPC) of the first columns with the side, two rows of four
// columns at a time. The weights are 1/64; a product with 15 fractional bits rounds as the standard
// does.
struct Combination {
  static constexpr hn::FixedTag<int16_t, 8> d16{};
  static constexpr hn::FixedTag<uint16_t, 8> du16{};
  static constexpr hn::FixedTag<uint16_t, 4> half{};
  using V = hn::VFromD<hn::FixedTag<int16_t, 8>>;

  // Of column x, in both halves.
  V Weights(int scale, int x) const {
    int16_t w[4];
    for (int i = 0; i < 4; ++i) w[i] = static_cast<int16_t>((32 >> ((2 * (x + i)) >> scale)) << 9);
    uint64_t four;
    std::memcpy(&four, w, sizeof(four));
    return hn::BitCast(d16, hn::Set(hn::FixedTag<uint64_t, 2>(), four));
  }

  V Load(const uint16_t *row, ptrdiff_t stride) const {
    return hn::BitCast(d16, hn::Combine(du16, hn::LoadU(half, row + stride), hn::LoadU(half, row)));
  }

  void Store(V v, uint16_t *row, ptrdiff_t stride) const {
    const auto out = hn::BitCast(du16, v);
    hn::StoreU(hn::LowerHalf(half, out), half, row);
    hn::StoreU(hn::UpperHalf(half, out), half, row + stride);
  }
};

HWY_INLINE void CombineStraight(const Direction &a, int columns, int height, uint16_t *pred,
                                ptrdiff_t stride) {
  const Combination c;
  const auto max = hn::Set(c.d16, static_cast<int16_t>(a.max_value));
  const auto corner = hn::Set(c.half, a.side[0]);
  for (int x = 0; x < columns; x += 4) {
    const auto weights = c.Weights(a.pdpc_scale, x);
    for (int y = 0; y < height; y += 2) {
      uint16_t *row = pred + y * stride + x;
      const auto upper = hn::Sub(hn::Set(c.half, a.side[1 + y]), corner);
      const auto lower = hn::Sub(hn::Set(c.half, a.side[2 + y]), corner);
      const auto gradient = hn::BitCast(c.d16, hn::Combine(c.du16, lower, upper));
      const auto sum = hn::Add(c.Load(row, stride), hn::MulFixedPoint15(gradient, weights));
      c.Store(hn::Min(hn::Max(sum, hn::Zero(c.d16)), max), row, stride);
    }
  }
}

HWY_INLINE void CombineAngular(const Direction &a, int columns, int height, uint16_t *pred,
                               ptrdiff_t stride) {
  const Combination c;
  const hn::FixedTag<uint32_t, 4> d32;
  for (int x = 0; x < columns; x += 4) {
    const auto weights = c.Weights(a.pdpc_scale, x);
    const uint16_t *side[4];
    for (int i = 0; i < 4; ++i) {
      // Columns beyond the last have no weight.
      const int column = x + i < columns ? x + i : columns - 1;
      side[i] = a.side + 1 + ((256 + (column + 1) * a.inverse) >> 9);
    }
    for (int y = 0; y < height; y += 4) {
      const auto load = [&](int i) HWY_ATTR {
        return hn::ZeroExtendVector(c.du16, hn::LoadU(c.half, side[i] + y));
      };
      auto upper = hn::InterleaveLower(c.du16, load(0), load(1));
      auto lower = hn::InterleaveLower(c.du16, load(2), load(3));
      Interleave(d32, upper, lower);
      for (int i = 0; i < 4; i += 2) {
        uint16_t *row = pred + (y + i) * stride + x;
        const auto value = c.Load(row, stride);
        const auto sides = hn::BitCast(c.d16, i == 0 ? upper : lower);
        const auto change = hn::MulFixedPoint15(hn::Sub(sides, value), weights);
        c.Store(hn::Add(value, change), row, stride);
      }
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
    InterpolateNarrow(a, height, pred, stride);
  } else if (width == 8) {
    InterpolateRows(hn::FixedTag<int16_t, 8>(), a, width, height, pred, stride);
  } else if (width == 16) {
    InterpolateRows(hn::CappedTag<int16_t, 16>(), a, width, height, pred, stride);
  } else {
    InterpolateRows(hn::CappedTag<int16_t, 32>(), a, width, height, pred, stride);
  }
  if (a.pdpc_scale < 0) return;
  const int columns = std::min(3 << a.pdpc_scale, width);
  if (a.angle == 0) {
    CombineStraight(a, columns, height, pred, stride);
  } else {
    CombineAngular(a, columns, height, pred, stride);
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
