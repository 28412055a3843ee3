// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/intra_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/common/intra_smooth_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void SmoothLine(const uint16_t *in, int length, uint16_t *out) {
  scalar::smooth_line(in, length, out);
}

void PredictPlanar(const IntraReference &ref, int log2_w, int log2_h, bool combine, uint16_t *pred,
                   ptrdiff_t stride) {
  scalar::predict_planar(ref, log2_w, log2_h, combine, pred, stride);
}

void PredictConstant(const IntraReference &ref, int value, int log2_w, int log2_h, bool combine,
                     uint16_t *pred, ptrdiff_t stride) {
  scalar::predict_constant(ref, value, log2_w, log2_h, combine, pred, stride);
}

#else

template <class D>
HWY_INLINE void SmoothVectors(D d, const uint16_t *in, int length, uint16_t *out) {
  for (int i = 1; i < length; i += static_cast<int>(hn::MaxLanes(d))) {
    const auto middle = hn::LoadU(d, in + i);
    const auto sides = hn::Add(hn::LoadU(d, in + i - 1), hn::LoadU(d, in + i + 1));
    const auto sum = hn::Add(hn::Add(sides, hn::Set(d, 2)), hn::Add(middle, middle));
    hn::StoreU(hn::ShiftRight<2>(sum), d, out + i);
  }
}

void SmoothLine(const uint16_t *in, int length, uint16_t *out) {
  if (length == 8) {
    SmoothVectors(hn::FixedTag<uint16_t, 8>(), in, length, out);
  } else {
    SmoothVectors(hn::CappedTag<uint16_t, 16>(), in, length, out);
  }
}

// Position-dependent combination of planar and DC.
struct Combination {
  int scale;
  int reach;  // the weights are 0 from here on

  Combination(int log2_w, int log2_h, bool combine)
      : scale((log2_w + log2_h - 2) >> 2), reach(combine ? 3 << scale : 0) {}
  int weight(int at) const { return at < reach ? 32 >> ((2 * at) >> scale) : 0; }
};

// The columns of one vector from x on, from top to bottom; predict(y) gives their values.
template <class D32, class Predict>
HWY_INLINE void Columns(D32 d32, const IntraReference &ref, const Combination &combination, int x,
                        int height, const Predict &predict, uint16_t *pred, ptrdiff_t stride) {
  const hn::Rebind<uint16_t, D32> d16;
  const hn::Repartition<int16_t, D32> pairs;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d32));
  const auto low = hn::Set(d32, 0xffff);
  const auto round = hn::Set(d32, 32);
  const auto above = hn::PromoteTo(d32, hn::LoadU(d16, ref.above.data() + 1 + x));
  auto weights = hn::Zero(d32);
  int combined = combination.reach < height ? combination.reach : height;
  if (x < combination.reach) {
    combined = height;
    HWY_ALIGN int32_t lanes[kLanes];
    for (int i = 0; i < kLanes; ++i) lanes[i] = combination.weight(x + i);
    weights = hn::Load(d32, lanes);
  }
  int y = 0;
  for (; y < combined; ++y) {
    const auto value = predict(y);
    const auto left = hn::Set(d32, ref.left[static_cast<size_t>(y) + 1]);
    const auto differences =
        hn::Or(hn::And(hn::Sub(left, value), low), hn::ShiftLeft<16>(hn::Sub(above, value)));
    const auto both = hn::Or(weights, hn::Set(d32, combination.weight(y) << 16));
    const auto sum =
        MulAddPairs(d32, hn::BitCast(pairs, differences), hn::BitCast(pairs, both), round);
    const auto out = hn::Add(value, hn::ShiftRight<6>(sum));
    hn::StoreU(hn::DemoteTo(d16, out), d16, pred + y * stride + x);
  }
  for (; y < height; ++y) hn::StoreU(hn::DemoteTo(d16, predict(y)), d16, pred + y * stride + x);
}

template <class D32>
HWY_INLINE void PlanarColumns(D32 d32, const IntraReference &ref, int log2_w, int log2_h,
                              const Combination &combination, uint16_t *pred, ptrdiff_t stride) {
  const hn::Rebind<uint16_t, D32> d16;
  const hn::Repartition<int16_t, D32> pairs;
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int shift = log2_w + log2_h + 1;
  const int right = ref.above[static_cast<size_t>(width) + 1] << 16;
  const auto below = hn::Set(d32, ref.left[static_cast<size_t>(height) + 1]);
  for (int x = 0; x < width; x += static_cast<int>(hn::MaxLanes(d32))) {
    const auto above = hn::PromoteTo(d32, hn::LoadU(d16, ref.above.data() + 1 + x));
    const auto step = hn::ShiftLeftSame(hn::Sub(below, above), log2_w);
    auto vertical =
        hn::Add(hn::ShiftLeftSame(above, log2_w + log2_h), hn::Set(d32, 1 << (log2_w + log2_h)));
    // The weights of the left and the right side: at most the area.
    const auto from_left = hn::ShiftLeftSame(hn::Iota(d32, x + 1), log2_h);
    const auto from_right = hn::Sub(hn::Set(d32, width << log2_h), from_left);
    const auto weights = hn::BitCast(pairs, hn::Or(from_right, hn::ShiftLeft<16>(from_left)));
    const auto predict = [&](int y) HWY_ATTR {
      const auto sides = hn::Set(d32, ref.left[static_cast<size_t>(y) + 1] | right);
      vertical = hn::Add(vertical, step);
      return hn::ShiftRightSame(MulAddPairs(d32, hn::BitCast(pairs, sides), weights, vertical),
                                shift);
    };
    Columns(d32, ref, combination, x, height, predict, pred, stride);
  }
}

template <class D32>
HWY_INLINE void ConstantColumns(D32 d32, const IntraReference &ref, int value, int width,
                                int height, const Combination &combination, uint16_t *pred,
                                ptrdiff_t stride) {
  const auto constant = hn::Set(d32, value);
  for (int x = 0; x < width; x += static_cast<int>(hn::MaxLanes(d32))) {
    Columns(
        d32, ref, combination, x, height, [&](int /*y*/) HWY_ATTR { return constant; }, pred,
        stride);
  }
}

void PredictPlanar(const IntraReference &ref, int log2_w, int log2_h, bool combine, uint16_t *pred,
                   ptrdiff_t stride) {
  const Combination combination(log2_w, log2_h, combine);
  if (log2_w == 2) {
    PlanarColumns(hn::FixedTag<int32_t, 4>(), ref, log2_w, log2_h, combination, pred, stride);
  } else if (log2_w == 3) {
    PlanarColumns(hn::CappedTag<int32_t, 8>(), ref, log2_w, log2_h, combination, pred, stride);
  } else {
    PlanarColumns(hn::CappedTag<int32_t, 16>(), ref, log2_w, log2_h, combination, pred, stride);
  }
}

void PredictConstant(const IntraReference &ref, int value, int log2_w, int log2_h, bool combine,
                     uint16_t *pred, ptrdiff_t stride) {
  const Combination combination(log2_w, log2_h, combine);
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  if (log2_w == 2) {
    ConstantColumns(hn::FixedTag<int32_t, 4>(), ref, value, width, height, combination, pred,
                    stride);
  } else if (log2_w == 3) {
    ConstantColumns(hn::CappedTag<int32_t, 8>(), ref, value, width, height, combination, pred,
                    stride);
  } else {
    ConstantColumns(hn::CappedTag<int32_t, 16>(), ref, value, width, height, combination, pred,
                    stride);
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(SmoothLine);
HWY_EXPORT(PredictPlanar);
HWY_EXPORT(PredictConstant);

void smooth_line(const uint16_t *in, int length, uint16_t *out) {
  HWY_DYNAMIC_DISPATCH(SmoothLine)(in, length, out);
}

void predict_planar(const IntraReference &ref, int log2_w, int log2_h, bool combine, uint16_t *pred,
                    ptrdiff_t stride) {
  HWY_DYNAMIC_DISPATCH(PredictPlanar)(ref, log2_w, log2_h, combine, pred, stride);
}

void predict_constant(const IntraReference &ref, int value, int log2_w, int log2_h, bool combine,
                      uint16_t *pred, ptrdiff_t stride) {
  HWY_DYNAMIC_DISPATCH(PredictConstant)(ref, value, log2_w, log2_h, combine, pred, stride);
}

}  // namespace feat::vvc

#endif
