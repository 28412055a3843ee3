// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/row_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/feature/row_search_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace feat::native::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE

void SearchRound(const RowSearch &row) {
  scalar::search_round(row);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// Eight numbers, four of each set, in one vector or in two.
constexpr size_t kLanes = HWY_MAX_BYTES >= 32 ? 8 : 4;
constexpr size_t kParts = kStates / kLanes;
using D = hn::FixedTag<float, kLanes>;
using DI = hn::FixedTag<int32_t, kLanes>;
using DB = hn::FixedTag<uint8_t, 4 * kLanes>;
using V = hn::Vec<D>;
using VB = hn::Vec<DB>;
struct Eight {
  V part[kParts];
};

// Which of its set's four numbers each of eight takes; -1: zero.
struct Pattern {
  alignas(32) std::array<uint8_t, 4 * kStates> bytes;
};
constexpr Pattern pattern(std::array<int, kStates> lanes) {
  Pattern result{};
  for (size_t i = 0; i < result.bytes.size(); ++i) {
    const int lane = lanes[i / 4];
    result.bytes[i] = lane < 0 ? 0x80 : static_cast<uint8_t>(4 * lane + static_cast<int>(i % 4));
  }
  return result;
}
constexpr Pattern pattern(int a, int b, int c, int d) {
  return pattern({a, b, c, d, a, b, c, d});
}

template <const Pattern &pattern>
HWY_INLINE V Pick(V from, size_t part) {
  const VB lanes = hn::Load(DB(), pattern.bytes.data() + 4 * kLanes * part);
  return hn::BitCast(D(), hn::TableLookupBytesOr0(hn::BitCast(DB(), from), lanes));
}

constexpr Pattern k0000 = pattern(0, 0, 0, 0);
constexpr Pattern k1111 = pattern(1, 1, 1, 1);
constexpr Pattern k2222 = pattern(2, 2, 2, 2);
constexpr Pattern kx000 = pattern(-1, 0, 0, 0);
constexpr Pattern kxx11 = pattern(-1, -1, 1, 1);
constexpr Pattern kxxx2 = pattern(-1, -1, -1, 2);
constexpr Pattern k0122 = pattern(0, 1, 2, 2);
constexpr Pattern kxx3x = pattern(-1, -1, 3, -1);
constexpr Pattern kxxx3 = pattern(-1, -1, -1, 3);
constexpr Pattern k00xx = pattern(0, 0, -1, -1);
constexpr Pattern kxx00 = pattern(-1, -1, 0, 0);
constexpr Pattern k1x2x = pattern(1, -1, 2, -1);
constexpr Pattern kx1x2 = pattern(-1, 1, -1, 2);

// What zeros and ones of the bins of a group cost, of both sets.
struct Costs {
  Eight zero;
  Eight one;
};

HWY_INLINE Costs CostsOf(const LevelModel::Context &weights, int group) {
  const D d;
  const DI di;
  constexpr float kToOctaves = 1.44269504F / (1 << kWeightBits);
  Costs costs;
  for (size_t p = 0; p < kParts; ++p) {
    const size_t slot = kStates * static_cast<size_t>(group) + kLanes * p;
    auto sum = hn::Zero(di);
    for (const LevelModel::Weights *w : weights) {
      const auto bits = hn::LoadU(di, Weight::words(w->slots.data() + slot));
      sum = hn::Add(sum, hn::ShiftRight<Weight::kCountBits>(bits));
    }
    const V octaves = hn::Mul(hn::ConvertTo(d, sum), hn::Set(d, kToOctaves));
    // log2(1 + 2^-x) as the eighth power of a polynomial, right to 0.004.
    const V x = hn::Min(hn::Abs(octaves), hn::Set(d, 12.0F));
    V root = hn::MulAdd(x, hn::Set(d, 7.56e-5F), hn::Set(d, -0.0659578F));
    root = hn::MulAdd(root, x, hn::Set(d, 1.0004902F));
    root = hn::Mul(root, root);
    root = hn::Mul(root, root);
    const V positive = hn::Max(octaves, hn::Zero(d));
    costs.zero.part[p] = hn::MulAdd(root, root, positive);
    costs.one.part[p] = hn::MulAdd(root, root, hn::Sub(positive, octaves));
  }
  return costs;
}

// Bits of the magnitudes 0 to 3, their signs included.
HWY_INLINE V SmallBits(const Costs &c, size_t p) {
  alignas(32) constexpr float kSigns[kStates] = {0, 1, 1, 1, 0, 1, 1, 1};
  const V zero = c.zero.part[p];
  const V one = c.one.part[p];
  V bits = hn::Add(Pick<k0122>(zero, p), hn::Load(D(), kSigns + kLanes * p));
  bits = hn::Add(bits, Pick<kx000>(one, p));
  bits = hn::Add(bits, Pick<kxx11>(one, p));
  return hn::Add(bits, hn::Add(Pick<kxx3x>(zero, p), Pick<kxxx3>(one, p)));
}

// Each lane takes the number of its set that `lane` says.
HWY_INLINE V PickBy(V from, hn::Vec<DI> lane) {
  const DI di;
  const auto bytes = hn::Add(hn::Mul(lane, hn::Set(di, 0x04040404)), hn::Set(di, 0x03020100));
  return hn::BitCast(D(),
                     hn::TableLookupBytesOr0(hn::BitCast(DB(), from), hn::BitCast(DB(), bytes)));
}

// The candidates of a large value: the levels around it, as even, odd, even and odd of each set.
HWY_INLINE V LargeCosts(float r, const Costs &first, const Costs &second, const Costs &third,
                        float lambda, size_t p) {
  alignas(32) static constexpr float kSet[kStates] = {0, 0, 0, 0, 1, 1, 1, 1};
  alignas(32) static constexpr int32_t kParity[kStates] = {0, 1, 0, 1, 0, 1, 0, 1};
  const D d;
  const DI di;
  const V set = hn::Load(d, kSet + kLanes * p);
  const V value = hn::Set(d, r);
  const auto low = hn::ConvertTo(di, hn::Mul(hn::Add(value, set), hn::Set(d, 0.5F)));
  const auto parity = hn::Load(di, kParity + kLanes * p);
  const auto level = hn::Add(low, hn::And(hn::Xor(low, parity), hn::Set(di, 1)));
  const V magnitude = hn::ConvertTo(d, level);
  const V error = hn::Sub(value, hn::Sub(hn::Add(magnitude, magnitude), set));

  // Bits of widths of 3 to 6 bits, with the sign.
  const V one = first.one.part[p];
  V widths = hn::Add(Pick<k0000>(one, p), hn::Add(Pick<k1111>(one, p), Pick<k2222>(one, p)));
  widths = hn::Add(widths, hn::Add(second.zero.part[p], hn::Set(d, 1.0F)));
  widths = hn::Add(widths,
                   hn::Add(Pick<kx000>(second.one.part[p], p), Pick<kxx11>(second.one.part[p], p)));
  widths = hn::Add(widths, Pick<kxxx2>(second.one.part[p], p));
  // Bits of what the two bits behind the first can be.
  const V z = third.zero.part[p];
  const V o = third.one.part[p];
  const V uppers = hn::Add(hn::Add(Pick<k00xx>(z, p), Pick<kxx00>(o, p)),
                           hn::Add(Pick<k1x2x>(z, p), Pick<kx1x2>(o, p)));

  // A float has a magnitude's width in its exponent and these two bits at the top of its mantissa.
  const auto words = hn::BitCast(di, magnitude);
  const auto more = hn::Sub(hn::ShiftRight<23>(words), hn::Set(di, 127 + 2));
  const auto two = hn::And(hn::ShiftRight<21>(words), hn::Set(di, 3));
  V bits = hn::Add(hn::Add(PickBy(widths, more), PickBy(uppers, two)), hn::ConvertTo(d, more));
  const V small = PickBy(SmallBits(first, p), level);
  bits = hn::IfThenElse(hn::RebindMask(d, hn::Lt(level, hn::Set(di, 4))), small, bits);
  bits = hn::IfThenZeroElse(hn::RebindMask(d, hn::Gt(low, hn::Set(di, kFlatLevel))), bits);
  return hn::MulAdd(error, error, hn::Mul(bits, hn::Set(d, lambda)));
}

// Bit `lane` of what StoreMaskBits() wrote of all parts.
HWY_INLINE int BitOf(const uint8_t *bits, size_t lane) {
  return bits[lane / kLanes] >> (lane % kLanes) & 1;
}

// Costs of the best paths into the even states, then into the odd ones. As in kWays each state has
// a first and a second way; costs come by set as of even, odd, even and odd levels.
class Paths {
 public:
  HWY_INLINE Paths() {
    alignas(32) std::array<float, kStates> costs;
    costs.fill(ScalarTrellis::kNever);
    costs[0] = 0;
    for (size_t p = 0; p < kParts; ++p) best_.part[p] = hn::Load(D(), costs.data() + kLanes * p);
  }

  HWY_INLINE void Step(const Eight &costs, uint8_t *decisions) {
    static constexpr Pattern kFirst = pattern({0, 1, 0, 1, 1, 0, 1, 0});
    static constexpr Pattern kSecond = pattern(2, 3, 2, 3);
    static constexpr Pattern kFirstCost = pattern({0, 0, 1, 1, 1, 0, 0, 1});
    static constexpr Pattern kSecondCost = pattern({1, 1, 0, 0, 0, 1, 1, 0});
    const D d;
    Eight next;
    for (size_t p = 0; p < kParts; ++p) {
      const V first = hn::Add(Pick<kFirst>(best_.part[p], p), Pick<kFirstCost>(costs.part[p], p));
      const V second =
          hn::Add(Pick<kSecond>(best_.part[p], p), Pick<kSecondCost>(costs.part[p], p));
      hn::StoreMaskBits(d, hn::Lt(second, first), decisions + p);
      next.part[p] = hn::Min(first, second);
    }
    if constexpr (kParts == 1) {
      alignas(32) static constexpr int32_t kOrder[] = {0, 2, 4, 6, 1, 3, 5, 7};
      best_.part[0] = hn::TableLookupLanes(next.part[0], hn::SetTableIndices(d, kOrder));
    } else {
      best_.part[0] = hn::ConcatEven(d, next.part[kParts - 1], next.part[0]);
      best_.part[kParts - 1] = hn::ConcatOdd(d, next.part[kParts - 1], next.part[0]);
    }
  }

  // Keeps sums of costs small, hence exact enough.
  HWY_INLINE void Rebase() {
    V least = best_.part[0];
    for (size_t p = 1; p < kParts; ++p) least = hn::Min(least, best_.part[p]);
    least = hn::MinOfLanes(D(), least);
    for (V &part : best_.part) part = hn::Sub(part, least);
  }

  size_t Best() const {
    alignas(32) std::array<float, kStates> costs;
    for (size_t p = 0; p < kParts; ++p) hn::Store(best_.part[p], D(), costs.data() + kLanes * p);
    const auto place =
        static_cast<size_t>(std::min_element(costs.begin(), costs.end()) - costs.begin());
    return place < 4 ? 2 * place : 2 * place - 7;
  }

 private:
  Eight best_;
};

void SearchRound(const RowSearch &search) {
  const D d;
  const size_t size = search.levels.size();
  search.bits.resize(2 * kParts * size);
  uint8_t *const decisions = search.bits.data();
  uint8_t *const choices = decisions + kParts * size;  // by set and parity: the larger candidate
  const float *const magnitudes = search.magnitudes.data();
  int32_t *const levels = search.levels.data();
  alignas(32) static constexpr float kPoints[kStates] = {0, 2, 4, 6, 0, 1, 3, 5};
  const V lambda = hn::Set(d, search.lambda);
  RowState row(search.contexts);
  Paths paths;
  for (size_t k = 0; k < size; ++k) {
    const LevelModel::Context weights = search.model.weights(row.context(k));
    row.add(k, levels[k]);
    const float r = magnitudes[k];
    const Costs costs = CostsOf(weights, 0);
    Eight best;
    if (r < kLargeValue) {
      for (size_t p = 0; p < kParts; ++p) {
        const V error = hn::Sub(hn::Set(d, r), hn::Load(d, kPoints + kLanes * p));
        const V small = hn::MulAdd(error, error, hn::Mul(SmallBits(costs, p), lambda));
        const V large = hn::Shuffle1032(small);
        hn::StoreMaskBits(d, hn::Lt(large, small), choices + kParts * k + p);
        best.part[p] = hn::Min(small, large);
      }
    } else {
      const Costs wider = CostsOf(weights, width_bin(3) / LevelModel::kGroup);
      const Costs upper = CostsOf(weights, kUpperBin / LevelModel::kGroup);
      for (size_t p = 0; p < kParts; ++p)
        best.part[p] = LargeCosts(r, costs, wider, upper, search.lambda, p);
    }
    paths.Step(best, decisions + kParts * k);
    if ((k & 255) == 255) paths.Rebase();
  }
  size_t state = paths.Best();
  for (size_t k = size; k-- > 0;) {
    const Way way = kWays[state][static_cast<size_t>(BitOf(decisions + kParts * k, state))];
    const size_t set = way.state & 1;
    if (magnitudes[k] < kLargeValue) {
      levels[k] = way.parity + 2 * BitOf(choices + kParts * k, 4 * set + way.parity);
    } else {
      const auto low = static_cast<int32_t>((magnitudes[k] + static_cast<float>(set)) * 0.5F);
      levels[k] = low + ((low ^ way.parity) & 1);
    }
    state = way.state;
  }
}

#endif

}  // namespace feat::native::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::native {

HWY_EXPORT(SearchRound);

void search_round(const RowSearch &row) {
  HWY_DYNAMIC_DISPATCH(SearchRound)(row);
}

}  // namespace feat::native

#endif
