// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level_cost.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/level_cost_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

CoefficientArea Requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  return scalar::requantize(coefficients, log2_w, log2_h, step);
}

#else

using namespace level_cost;  // NOLINT(google-build-using-namespace)

using D32 = hn::CappedTag<int32_t, 16>;
using DU32 = hn::RebindToUnsigned<D32>;
using DU64 = hn::RepartitionToWide<DU32>;
using V32 = hn::VFromD<D32>;
using VU32 = hn::VFromD<DU32>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(D32()));

// (a * factor + round) >> shift, computed in 64 bits; the result has at most 32.
HWY_INLINE VU32 ScaleBy(VU32 a, VU32 factor, hn::VFromD<DU64> round, int shift) {
  const DU64 d64;
  const auto odd = hn::BitCast(DU32(), hn::ShiftRight<32>(hn::BitCast(d64, a)));
  const auto low = hn::ShiftRightSame(hn::Add(hn::MulEven(a, factor), round), shift);
  const auto high = hn::ShiftRightSame(hn::Add(hn::MulEven(odd, factor), round), shift);
  return hn::OddEven(hn::BitCast(DU32(), hn::ShiftLeft<32>(high)), hn::BitCast(DU32(), low));
}

HWY_INLINE VU32 Factor(int64_t value) {
  return hn::Set(DU32(), static_cast<uint32_t>(value));
}

// Calls visit(coefficients, offset) for each vector of the coefficients that may be coded.
template <class Visit>
HWY_INLINE void OnVectors(int log2_w, int log2_h, const Visit &visit) {
  const int rows = std::min(1 << log2_h, 32);
  // Rows of 64 are read by halves; others follow one another.
  const int run = log2_w > 5 ? 32 : rows << log2_w;
  const int end = rows << log2_w;
  for (int first = 0; first<end; first += log2_w> 5 ? 1 << log2_w : run) {
    for (int i = 0; i < run; i += kLanes) visit(first + i);
  }
}

CoefficientArea Requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  const D32 d;
  const DU32 du;
  const DU64 d64;
  const auto inverse = Factor(step.inverse / 2);
  const auto rounding = hn::Set(d64, static_cast<uint64_t>(kRounding));
  const auto scale = Factor(step.scale);
  const auto half = hn::Set(d64, uint64_t{1} << (step.shift - 1));
  const auto one = hn::Set(d, 1);
  const auto column_mask = hn::Set(d, (1 << log2_w) - 1);
  const auto lane = hn::Iota(d, 0);
  auto columns = hn::Zero(d);
  auto rows = hn::Zero(d);
  OnVectors(log2_w, log2_h, [&](int at) HWY_ATTR {
    const auto signed_value = hn::LoadU(d, coefficients + at);
    const auto magnitude = hn::BitCast(du, hn::Abs(signed_value));
    const auto level = ScaleBy(magnitude, inverse, rounding, QuantStep::kInverseBits);
    const auto is_level = hn::RebindMask(d, hn::Ne(level, hn::Zero(du)));
    if (hn::AllFalse(d, is_level)) {
      hn::StoreU(hn::Zero(d), d, coefficients + at);
      return;
    }
    const auto value =
        hn::Min(hn::BitCast(d, ScaleBy(hn::ShiftLeft<1>(level), scale, half, step.shift)),
                hn::Set(d, kMaxCoefficient));
    const auto result = hn::IfThenElse(hn::Lt(signed_value, hn::Zero(d)), hn::Neg(value), value);
    hn::StoreU(result, d, coefficients + at);
    const auto place = hn::Add(hn::Set(d, at), lane);
    const auto column = hn::Add(hn::And(place, column_mask), one);
    const auto row = hn::Add(hn::ShiftRightSame(place, log2_w), one);
    columns = hn::Max(columns, hn::IfThenElseZero(is_level, column));
    rows = hn::Max(rows, hn::IfThenElseZero(is_level, row));
  });
  return {hn::GetLane(hn::MaxOfLanes(d, columns)), hn::GetLane(hn::MaxOfLanes(d, rows))};
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(Requantize);

CoefficientArea requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  return HWY_DYNAMIC_DISPATCH(Requantize)(coefficients, log2_w, log2_h, step);
}

}  // namespace feat::vvc

#endif
