// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the vectorised trellis does with lanes, of which a vector has one for each state.
#if defined(FEAT_VVC_ENCODER_TRELLIS_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEAT_VVC_ENCODER_TRELLIS_LANES_INL_H
#undef FEAT_VVC_ENCODER_TRELLIS_LANES_INL_H
#else
#define FEAT_VVC_ENCODER_TRELLIS_LANES_INL_H
#endif

#include <array>
#include <cstdint>
#include <cstring>

#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/encoder/trellis_step.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

using trellis::kLaneConstants;

// Lanes of 32 bits are the four states.
using D32 = hn::FixedTag<int32_t, 4>;
using DU32 = hn::FixedTag<uint32_t, 4>;
using D8 = hn::FixedTag<uint8_t, 16>;
using V32 = hn::VFromD<D32>;
using V8 = hn::VFromD<D8>;
using M32 = hn::MFromD<D32>;

HWY_INLINE V32 Lanes(const std::array<int32_t, 4> &lanes) {
  return hn::Load(D32(), lanes.data());
}

// In a table of `kSize` entries, 5 to 8, of which 8 are read where a vector holds as many.
template <size_t kSize, class D8x32 = hn::CappedTag<int32_t, 8>>
HWY_INLINE V32 LookUp(const int32_t *table, V32 index) {
  const D32 d;
  if constexpr (hn::MaxLanes(D8x32()) == 8) {
    const D8x32 d8;
    const auto indices = hn::IndicesFromVec(d8, hn::ZeroExtendVector(d8, index));
    return hn::LowerHalf(d, hn::TableLookupLanes(hn::LoadU(d8, table), indices));
  } else {
    const V32 four = Lanes(kLaneConstants.four);
    const auto low = hn::IndicesFromVec(d, hn::And(index, Lanes(kLaneConstants.three)));
    V32 high;
    if constexpr (kSize == 5) {
      high = hn::Set(d, table[4]);
    } else {
      high = hn::TableLookupLanes(hn::LoadU(d, table + 4), low);
    }
    return hn::IfThenElse(hn::Lt(index, four), hn::TableLookupLanes(hn::LoadU(d, table), low),
                          high);
  }
}

template <class D>
HWY_INLINE hn::VFromD<D> Repeat16(D d, V8 v) {
  if constexpr (hn::MaxLanes(d) == 16) {
    return v;
  } else {
    const hn::Half<D> half;
    const auto h = Repeat16(half, v);
    return hn::Combine(d, h, h);
  }
}

HWY_INLINE M32 Possible(V32 cost) {
  return hn::Lt(cost, hn::Set(D32(), trellis::kFar));
}

// Sums around a position, four bytes in every lane.
HWY_INLINE V8 LoadBytes(const std::array<uint8_t, 4> &sums) {
  uint32_t bytes;
  std::memcpy(&bytes, sums.data(), sizeof(bytes));
  return hn::BitCast(D8(), hn::Set(DU32(), bytes));
}

// One of them in each lane.
HWY_INLINE V32 Expand(V8 around) {
  alignas(16) static constexpr uint8_t kBytes[16] = {0, 0x80, 0x80, 0x80, 1, 0x80, 0x80, 0x80,
                                                     2, 0x80, 0x80, 0x80, 3, 0x80, 0x80, 0x80};
  return hn::BitCast(D32(), hn::TableLookupBytesOr0(around, hn::Load(D8(), kBytes)));
}

// min((partial_sum() + 1) / 2, 3), and 4 more in state 3.
HWY_INLINE V32 ContextIndex(V32 around) {
  return hn::Min(hn::ShiftRight<4>(hn::Add(around, Lanes(kLaneConstants.index_addend))),
                 Lanes(kLaneConstants.index_limit));
}

// By how much the levels around exceed 1, at most 4.
HWY_INLINE V32 Excess(V32 around) {
  const V32 number = hn::And(around, Lanes(kLaneConstants.number_mask));
  return hn::Min(hn::Sub(hn::ShiftRight<3>(around), number), Lanes(kLaneConstants.four));
}

// Rates that depend on the Rice parameter, by a row for each quantiser.
HWY_INLINE V32 ByRice(const int32_t *first, const int32_t *second, V32 rice) {
  const auto indices = hn::IndicesFromVec(D32(), rice);
  return hn::ConcatUpperLower(D32(), hn::TableLookupLanes(hn::LoadU(D32(), second), indices),
                              hn::TableLookupLanes(hn::LoadU(D32(), first), indices));
}

// All bits of negative lanes: masks that are vectors take a shorter way than others.
HWY_INLINE V32 Negative(V32 v) {
  return hn::ShiftRight<31>(v);
}

// States before, of which there are two, by whether it is the other one. In the low bytes of the
// lanes; the others pick nothing.
HWY_INLINE V32 From(V32 other) {
  constexpr uint32_t kOthers = trellis::kNoPath & ~0xffU;
  alignas(16) static constexpr uint32_t kFrom[4] = {kOthers, kOthers + 2, kOthers, kOthers + 2};
  return hn::Sub(hn::BitCast(D32(), hn::Load(DU32(), kFrom)), other);
}
HWY_INLINE V32 FromNowhere() {
  return hn::BitCast(D32(), hn::Set(DU32(), trellis::kNoPath));
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
