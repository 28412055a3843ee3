// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finds the levels that the trellis chooses from, for many coefficients at once.
#if defined(FEAT_VVC_ENCODER_TRELLIS_CANDIDATES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEAT_VVC_ENCODER_TRELLIS_CANDIDATES_INL_H
#undef FEAT_VVC_ENCODER_TRELLIS_CANDIDATES_INL_H
#else
#define FEAT_VVC_ENCODER_TRELLIS_CANDIDATES_INL_H
#endif

#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/trellis_step.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

// Products of 32-bit lanes and a number, in 64 bits.
template <class D64>
struct Products {
  hn::VFromD<D64> even;
  hn::VFromD<D64> odd;
};

template <class D32u, class V = hn::VFromD<D32u>, class D64u = hn::RepartitionToWide<D32u>>
HWY_INLINE Products<D64u> Multiply(D32u d, V a, V b) {
  const D64u d64;
  return {hn::MulEven(a, b), hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, a))),
                                         hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, b))))};
}

// The low halves of 64-bit lanes.
template <class D32u, class V64>
HWY_INLINE hn::VFromD<D32u> Join(D32u d, V64 even, V64 odd) {
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

template <class D32u, class V = hn::VFromD<D32u>>
HWY_INLINE V MultiplyShift(D32u d, V a, V b, int shift) {
  const auto p = Multiply(d, a, b);
  return Join(d, hn::ShiftRightSame(p.even, shift), hn::ShiftRightSame(p.odd, shift));
}

// Of both quantisers, for the states' lanes.
template <class D32u, class V = hn::VFromD<D32u>>
HWY_INLINE void StoreLanes(D32u /*d*/, V first, V second, size_t i,
                           trellis::Candidates::Lanes &out) {
  const hn::RebindToSigned<D32u> ds;
  const auto a = hn::BitCast(ds, first);
  const auto b = hn::BitCast(ds, second);
  hn::StoreInterleaved4(a, a, b, b, ds, out[i].data());
}

// Of 16 magnitudes those before `size`, at least.
HWY_INLINE void FindCandidates(const uint32_t *magnitudes, size_t size, const QuantStep &step,
                               trellis::Candidates &out) {
  const hn::CappedTag<uint32_t, 16> d;
  const hn::RepartitionToWide<decltype(d)> d64;
  const hn::RebindToSigned<decltype(d)> ds;
  const hn::RebindToSigned<decltype(d64)> ds64;
  using V = hn::VFromD<decltype(d)>;
  const V inverse = hn::Set(d, static_cast<uint32_t>(step.inverse));
  const V scale = hn::Set(d, static_cast<uint32_t>(step.scale));
  const V weight = hn::Set(d, static_cast<uint32_t>(step.dist_mul));
  const V half = hn::Set(d, 1U << (step.shift - 1));
  const V one = hn::Set(d, 1);
  const V impossible = hn::Set(d, trellis::kImpossible);
  const V row_size = hn::Set(d, uint32_t{kLevelRow});
  const V least_for_two = hn::Set(d, static_cast<uint32_t>(step.least_for_two()));
  V most = hn::Zero(d);
  for (size_t i = 0; i < size; i += hn::Lanes(d)) {
    const V magnitude = hn::Load(d, magnitudes + i);
    const V index = MultiplyShift(d, magnitude, inverse, QuantStep::kInverseBits);
    const auto none = Multiply(d, hn::Mul(magnitude, magnitude), weight);
    const auto none_even = hn::ShiftRightSame(none.even, step.dist_shift);
    const auto none_odd = hn::ShiftRightSame(none.odd, step.dist_shift);
    const V cost_none = Join(d, none_even, none_odd);
    V level[2][2];
    V cost[2][2];
    for (size_t q = 0; q < 2; ++q) {
      const V quantizer = hn::Set(d, static_cast<uint32_t>(q));
      const V lower = hn::ShiftRight<1>(hn::Add(index, quantizer));
      level[0][q] = hn::AndNot(one, hn::Add(lower, one));
      level[1][q] = hn::Or(lower, one);
      most = hn::Max(most, hn::Add(lower, one));
      for (size_t parity = 0; parity < 2; ++parity) {
        const V l = level[parity][q];
        const V place = hn::Sub(hn::Add(l, l), quantizer);
        const V reconstruction =
            hn::ShiftRightSame(hn::Add(hn::Mul(place, scale), half), step.shift);
        const V error = hn::Sub(magnitude, reconstruction);
        cost[parity][q] = MultiplyShift(d, hn::Mul(error, error), weight, step.dist_shift);
      }
      if (q == 1) {  // the first quantiser offers no 2 there
        level[0][q] = hn::IfThenZeroElse(
            hn::And(hn::Eq(level[0][q], hn::Set(d, 2)), hn::Lt(magnitude, least_for_two)),
            level[0][q]);
      }
      cost[0][q] = hn::IfThenElse(hn::Eq(level[0][q], hn::Zero(d)), cost_none, cost[0][q]);
    }
    const V least = hn::Min(hn::Min(cost[0][0], cost[0][1]), hn::Min(cost[1][0], cost[1][1]));
    V row[2][2];
    for (size_t parity = 0; parity < 2; ++parity) {
      V packed[2];
      V book[2];
      for (size_t q = 0; q < 2; ++q) {
        const V l = level[parity][q];
        const auto some = hn::Ne(l, hn::Zero(d));
        cost[parity][q] = hn::IfThenElse(some, hn::Sub(cost[parity][q], least), impossible);
        const V group = hn::Min(l, hn::Add(hn::And(l, one), hn::Set(d, 4)));
        row[parity][q] = hn::Mul(group, row_size);
        packed[q] = hn::Or(
            hn::Or(hn::ShiftLeft<16>(l), hn::ShiftLeft<3>(group)),
            hn::Or(hn::IfThenElseZero(some, one), hn::ShiftLeft<8>(hn::Min(l, hn::Set(d, 51)))));
        book[q] = hn::Sub(hn::IfThenElseZero(some, hn::Set(d, trellis::kOneLevel - 1)),
                          hn::IfThenElseZero(hn::Gt(l, one), hn::Set(d, 2)));
      }
      StoreLanes(d, cost[parity][0], cost[parity][1], i, out.cost[parity]);
      StoreLanes(d, packed[0], packed[1], i, out.packed[parity]);
      StoreLanes(d, book[0], book[1], i, out.book[parity]);
    }
    hn::StoreInterleaved4(hn::BitCast(ds, row[0][0]), hn::BitCast(ds, row[0][1]),
                          hn::BitCast(ds, row[1][0]), hn::BitCast(ds, row[1][1]), ds,
                          out.row[i].data());
    const auto least_even = hn::And(hn::BitCast(d64, least), hn::Set(d64, 0xffffffffU));
    const auto least_odd = hn::ShiftRight<32>(hn::BitCast(d64, least));
    const auto best_even = hn::BitCast(ds64, hn::Sub(least_even, none_even));
    const auto best_odd = hn::BitCast(ds64, hn::Sub(least_odd, none_odd));
    hn::StoreInterleaved2(best_even, best_odd, ds64, out.best.data() + i);
    const auto limit = hn::Set(ds64, -trellis::kMaxZeroLoss);
    hn::Store(hn::Neg(hn::BitCast(ds, Join(d, hn::BitCast(d64, hn::Max(best_even, limit)),
                                           hn::BitCast(d64, hn::Max(best_odd, limit))))),
              ds, out.zero.data() + i);
  }
  out.remainders = !hn::AllTrue(d, hn::Lt(most, hn::Set(d, 4)));
}

// As FindCandidates() where all magnitudes are below step.least_for_two(): the odd levels are 1,
// the even ones 0. Sets of `out` the costs of odd levels and of none.
HWY_INLINE void FindOnes(const uint32_t *magnitudes, size_t size, const QuantStep &step,
                         trellis::Candidates &out) {
  const hn::CappedTag<uint32_t, 16> d;
  const hn::RebindToSigned<decltype(d)> ds;
  using V = hn::VFromD<decltype(d)>;
  const V weight = hn::Set(d, static_cast<uint32_t>(step.dist_mul));
  const V first = hn::Set(d, static_cast<uint32_t>(step.reconstruct(2)));
  const V second = hn::Set(d, static_cast<uint32_t>(step.reconstruct(1)));
  const auto cost = [&](V error) HWY_ATTR {
    return MultiplyShift(d, hn::Mul(error, error), weight, step.dist_shift);
  };
  for (size_t i = 0; i < size; i += hn::Lanes(d)) {
    const V magnitude = hn::Load(d, magnitudes + i);
    const V none = cost(magnitude);
    const V by_first = cost(hn::Sub(magnitude, first));
    const V by_second = cost(hn::Sub(magnitude, second));
    const V least = hn::Min(none, hn::Min(by_first, by_second));
    StoreLanes(d, hn::Sub(by_first, least), hn::Sub(by_second, least), i, out.cost[1]);
    hn::Store(hn::BitCast(ds, hn::Sub(none, least)), ds, out.zero.data() + i);
  }
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
