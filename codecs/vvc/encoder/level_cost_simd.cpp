// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level_cost.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/vvc/encoder/level_cost_tables.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/level_cost_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

int64_t GuessLevelCost(const int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  return scalar::guess_level_cost(coefficients, log2_w, log2_h, step);
}

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
template <class DU, class V, class V64>
HWY_INLINE V ScaleBy(DU du, V a, V factor, V64 round, int shift) {
  const hn::RepartitionToWide<DU> d64;
  const auto odd = hn::BitCast(du, hn::ShiftRight<32>(hn::BitCast(d64, a)));
  const auto low = hn::ShiftRightSame(hn::Add(hn::MulEven(a, factor), round), shift);
  const auto high = hn::ShiftRightSame(hn::Add(hn::MulEven(odd, factor), round), shift);
  return hn::OddEven(hn::BitCast(du, hn::ShiftLeft<32>(high)), hn::BitCast(du, low));
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

// Coefficients as bytes, row by row without gaps, with zeros behind them.
struct Sizes {
  static constexpr size_t kArea = 32 * 32;
  static constexpr size_t kBehind = 2 * 32 + 64;  // two rows, and what vectors read too far

  HWY_ALIGN uint8_t own[kArea + kBehind];
  HWY_ALIGN uint8_t as_neighbour[kArea + kBehind];
  int64_t gain = 0;         // squares of those that are at least a step large
  int32_t large_units = 0;  // half octaves beyond the largest size

  // `narrow`: products with the inverse step fit 32 bits.
  template <bool narrow>
  HWY_INLINE void Measure(const int32_t *coefficients, int stride, int columns, int rows,
                          const QuantStep &step);
};

template <bool narrow>
HWY_INLINE void Sizes::Measure(const int32_t *coefficients, int stride, int columns, int rows,
                               const QuantStep &step) {
  const D32 d;
  const DU32 du;
  const DU64 d64;
  const hn::Rebind<uint8_t, D32> d8;
  const auto inverse = Factor(step.inverse);
  const auto none = hn::Zero(d64);
  auto large_sum = hn::Zero(d);
  auto gain_sum = hn::Zero(d64);
  // Rows that follow one another are one.
  if (stride == columns) {
    columns *= rows;
    rows = 1;
  }
  int at = 0;
  for (int y = 0; y < rows; ++y, coefficients += stride) {
    for (int x = 0; x < columns; x += kLanes, at += kLanes) {
      const auto magnitude = hn::BitCast(du, hn::Abs(hn::LoadU(d, coefficients + x)));
      VU32 scaled;
      if constexpr (narrow) {
        scaled = hn::ShiftRight<kSizeShift>(hn::Mul(magnitude, inverse));
      } else {
        scaled = ScaleBy(du, magnitude, inverse, none, kSizeShift);
      }
      const auto whole = hn::BitCast(d, scaled);
      const auto large = hn::Gt(whole, hn::Set(d, kMaxSize));
      if (HWY_UNLIKELY(!hn::AllFalse(d, large))) {
        // Exponent and first bit of the mantissa count half octaves.
        constexpr int kMantissa = 22;
        constexpr int kBias = 2 * (127 + 6) - 1;
        const hn::RebindToFloat<D32> df;
        const auto bits = hn::BitCast(d, hn::ConvertTo(df, whole));
        const auto halves = hn::Sub(hn::ShiftRight<kMantissa>(bits), hn::Set(d, kBias));
        large_sum = hn::Add(large_sum, hn::IfThenElseZero(large, halves));
      }
      const auto gaining = hn::IfThenElseZero(
          hn::RebindMask(du, hn::Gt(whole, hn::Set(d, (1 << kSixteenthsLog2) - 1))), magnitude);
      const auto odd = hn::BitCast(du, hn::ShiftRight<32>(hn::BitCast(d64, gaining)));
      gain_sum = hn::Add(gain_sum, hn::Add(hn::MulEven(gaining, gaining), hn::MulEven(odd, odd)));
      hn::StoreU(hn::DemoteTo(d8, hn::Min(whole, hn::Set(d, kMaxSize))), d8, own + at);
      hn::StoreU(hn::DemoteTo(d8, hn::Min(whole, hn::Set(d, kMaxNeighbour))), d8,
                 as_neighbour + at);
    }
  }
  std::memset(own + at, 0, kBehind);
  std::memset(as_neighbour + at, 0, kBehind);
  gain = static_cast<int64_t>(hn::GetLane(hn::SumOfLanes(d64, gain_sum)));
  large_units = hn::GetLane(hn::SumOfLanes(d, large_sum));
}

using D8 = hn::CappedTag<uint8_t, 32>;
using V8 = hn::VFromD<D8>;
constexpr int kBytes = static_cast<int>(hn::MaxLanes(D8()));

// Costs of sizes among neighbours of some sum, added up.
#if HWY_TARGET <= HWY_AVX3
// Every class has 64 costs of 16 bits: two vectors, in which one instruction looks up 32 of them.
class Costs {
 public:
  HWY_INLINE Costs() : total_(hn::Zero(d32_)) {}

  HWY_INLINE void Add(V8 size, V8 sum) {
    const auto index = hn::PromoteTo(d16_, size);
    const auto wide_sum = hn::PromoteTo(d16_, sum);
    auto cost = Look(0, index);
    for (size_t c = 1; c < kClasses; ++c) {
      const auto smaller = hn::Set(d16_, static_cast<int16_t>(kClassBegin[c - 1] - 1));
      cost = hn::IfThenElse(hn::Gt(wide_sum, smaller), Look(c, index), cost);
    }
    total_ = MulAddPairs(d32_, cost, hn::Set(d16_, 1), total_);
  }
  HWY_INLINE int32_t Total() const { return hn::GetLane(hn::SumOfLanes(d32_, total_)); }

 private:
  using D16 = hn::Rebind<int16_t, D8>;

  HWY_INLINE hn::VFromD<D16> Look(size_t c, hn::VFromD<D16> index) const {
    const auto low = hn::LoadU(d16_, kCost[c].data());
    const auto high = hn::LoadU(d16_, kCost[c].data() + 32);
    return hn::VFromD<D16>{_mm512_permutex2var_epi16(low.raw, index.raw, high.raw)};
  }

  static constexpr D16 d16_{};
  static constexpr hn::RepartitionToWide<D16> d32_{};
  hn::VFromD<hn::RepartitionToWide<D16>> total_;
};
#else
class Costs {
 public:
  HWY_INLINE void Add(V8 size, V8 sum) {
    auto size_class = hn::Zero(d8_);
    for (const int begin : kClassBegin) {
      const auto smaller = hn::Set(d8_, static_cast<uint8_t>(begin - 1));
      size_class = hn::Sub(size_class, hn::VecFromMask(d8_, hn::Gt(sum, smaller)));
    }
    HWY_ALIGN uint8_t sizes[kBytes];
    HWY_ALIGN uint8_t classes[kBytes];
    hn::Store(size, d8_, sizes);
    hn::Store(size_class, d8_, classes);
    for (int i = 0; i < kBytes; i += 4) {
      for (int k = 0; k < 4; ++k) {
        totals_[static_cast<size_t>(k)] += kCost[classes[i + k]][sizes[i + k]];
      }
    }
  }
  HWY_INLINE int32_t Total() const { return totals_[0] + totals_[1] + totals_[2] + totals_[3]; }

 private:
  static constexpr D8 d8_{};
  std::array<int32_t, 4> totals_{};
};
#endif

// Smaller ones among small neighbours cost nothing.
constexpr uint8_t kFreeSize = 4;
static_assert(kCost[0][0] == 0 && kCost[0][1] == 0 && kCost[0][2] == 0 && kCost[0][3] == 0);

int64_t GuessLevelCost(const int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  // The neighbourhood is the same after a transposition.
  if (log2_w == 0) return GuessLevelCost(coefficients, log2_h, 0, step);
  if (log2_w == 1 && log2_h > 1) {
    std::array<int32_t, 2 * 64> transposed;
    const int height = 1 << log2_h;
    for (int i = 0; i < 2 * height; ++i) {
      transposed[static_cast<size_t>((i & 1) * height + i / 2)] = coefficients[i];
    }
    return GuessLevelCost(transposed.data(), log2_h, 1, step);
  }
  const int columns = std::min(1 << log2_w, 32);
  const int rows = std::min(1 << log2_h, 32);
  Sizes sizes;
  if (step.inverse < 1 << 16) {
    sizes.Measure<true>(coefficients, 1 << log2_w, columns, rows, step);
  } else {
    sizes.Measure<false>(coefficients, 1 << log2_w, columns, rows, step);
  }

  const D8 d8;
  const Insides &insides = kInsides[static_cast<size_t>(std::min(log2_w, 5))];
  Costs costs;
  for (int i = 0; i < rows * columns; i += kBytes) {
    const uint8_t *n = sizes.as_neighbour + i;
    const auto inside_one = hn::LoadU(d8, insides.one.data() + (i & 31));
    const auto inside_two = hn::LoadU(d8, insides.two.data() + (i & 31));
    const auto beside = hn::Add(hn::And(hn::LoadU(d8, n + 1), inside_one),
                                hn::And(hn::LoadU(d8, n + 2), inside_two));
    const auto below =
        hn::Add(hn::LoadU(d8, n + columns), hn::And(hn::LoadU(d8, n + columns + 1), inside_one));
    const auto sum = hn::Add(hn::Add(beside, below), hn::LoadU(d8, n + 2 * columns));
    const auto size = hn::LoadU(d8, sizes.own + i);
    const auto free = hn::And(hn::Lt(size, hn::Set(d8, kFreeSize)),
                              hn::Lt(sum, hn::Set(d8, static_cast<uint8_t>(kClassBegin[0]))));
    if (!hn::AllTrue(d8, free)) costs.Add(size, sum);
  }
  const int64_t units =
      int64_t{kAnyLevel} + costs.Total() + int64_t{kHalfOctave} * sizes.large_units;
  const int64_t cost =
      units * (int64_t{1} << kUnitShift) - ((sizes.gain * step.dist_mul) >> step.dist_shift);
  return std::min<int64_t>(cost, 0);
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
    const auto level = ScaleBy(du, magnitude, inverse, rounding, QuantStep::kInverseBits);
    const auto is_level = hn::RebindMask(d, hn::Ne(level, hn::Zero(du)));
    if (hn::AllFalse(d, is_level)) {
      hn::StoreU(hn::Zero(d), d, coefficients + at);
      return;
    }
    const auto value =
        hn::Min(hn::BitCast(d, ScaleBy(du, hn::ShiftLeft<1>(level), scale, half, step.shift)),
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

HWY_EXPORT(GuessLevelCost);
HWY_EXPORT(Requantize);

int64_t guess_level_cost(const int32_t *coefficients, int log2_w, int log2_h,
                         const QuantStep &step) {
  return HWY_DYNAMIC_DISPATCH(GuessLevelCost)(coefficients, log2_w, log2_h, step);
}

CoefficientArea requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  return HWY_DYNAMIC_DISPATCH(Requantize)(coefficients, log2_w, log2_h, step);
}

}  // namespace feat::vvc

#endif
