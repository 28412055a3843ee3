// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level_cost.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

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

// Smaller ones among small neighbours cost nothing.
constexpr uint8_t kFreeSize = 4;
static_assert(kCost[0][0] == 0 && kCost[0][1] == 0 && kCost[0][2] == 0 && kCost[0][3] == 0);

// Every row gets zeros behind it, and the last two zero rows below them.
constexpr int kStride = 48;

// Rows of at least 4 coefficients, in vectors of `lanes`.
// `narrow`: products with the inverse step fit 32 bits.
template <int lanes, bool narrow>
HWY_INLINE int64_t Guess(const int32_t *coefficients, int stride, int columns, int rows,
                         const QuantStep &step) {
  const hn::CappedTag<int32_t, lanes> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::RepartitionToWide<decltype(du)> d64;
  const hn::Rebind<uint8_t, decltype(d)> d8_of_32;
  const hn::FixedTag<uint8_t, lanes> d8;
  constexpr int kLanes32 = static_cast<int>(hn::MaxLanes(d));
  const auto inverse = hn::Set(du, static_cast<uint32_t>(step.inverse));
  const auto none = hn::Zero(d64);
  HWY_ALIGN uint8_t sizes[32 * kStride];
  HWY_ALIGN uint8_t neighbours[34 * kStride];
  auto large_units = hn::Zero(d);
  auto gain = hn::Zero(d64);
  for (int y = 0; y < rows; ++y) {
    const int32_t *row = coefficients + y * stride;
    for (int x = 0; x < columns; x += kLanes32) {
      const auto magnitude = hn::BitCast(du, hn::Abs(hn::LoadU(d, row + x)));
      hn::VFromD<decltype(du)> scaled;
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
        const hn::RebindToFloat<decltype(d)> df;
        const auto bits = hn::BitCast(d, hn::ConvertTo(df, whole));
        const auto halves = hn::Sub(hn::ShiftRight<kMantissa>(bits), hn::Set(d, kBias));
        large_units = hn::Add(large_units, hn::IfThenElseZero(large, halves));
      }
      const auto gaining = hn::IfThenElseZero(
          hn::RebindMask(du, hn::Gt(whole, hn::Set(d, (1 << kSixteenthsLog2) - 1))), magnitude);
      const auto odd = hn::BitCast(du, hn::ShiftRight<32>(hn::BitCast(d64, gaining)));
      gain = hn::Add(gain, hn::Add(hn::MulEven(gaining, gaining), hn::MulEven(odd, odd)));
      const int at = y * kStride + x;
      hn::StoreU(hn::DemoteTo(d8_of_32, hn::Min(whole, hn::Set(d, kMaxSize))), d8_of_32,
                 sizes + at);
      hn::StoreU(hn::DemoteTo(d8_of_32, hn::Min(whole, hn::Set(d, kMaxNeighbour))), d8_of_32,
                 neighbours + at);
    }
    std::memset(neighbours + y * kStride + columns, 0, 2);
  }
  std::memset(neighbours + rows * kStride, 0, 2 * kStride);

  const int16_t *costs = kCost[0].data();
  std::array<int32_t, 4> units{};
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; x += lanes) {
      const uint8_t *n = neighbours + y * kStride + x;
      const uint8_t *size = sizes + y * kStride + x;
      const auto beside = hn::Add(hn::LoadU(d8, n + 1), hn::LoadU(d8, n + 2));
      const auto below = hn::Add(hn::LoadU(d8, n + kStride), hn::LoadU(d8, n + kStride + 1));
      const auto sum = hn::Add(hn::Add(beside, below), hn::LoadU(d8, n + 2 * kStride));
      const auto free = hn::And(hn::Lt(hn::LoadU(d8, size), hn::Set(d8, kFreeSize)),
                                hn::Lt(sum, hn::Set(d8, static_cast<uint8_t>(kClassBegin[0]))));
      if (hn::AllTrue(d8, free)) continue;
      auto size_class = hn::Zero(d8);
      for (const int begin : kClassBegin) {
        const auto smaller = hn::Set(d8, static_cast<uint8_t>(begin - 1));
        size_class = hn::Sub(size_class, hn::VecFromMask(d8, hn::Gt(sum, smaller)));
      }
      HWY_ALIGN uint8_t classes[lanes];
      hn::Store(size_class, d8, classes);
      for (int i = 0; i < lanes; i += 4) {
        for (int k = 0; k < 4; ++k) {
          units[static_cast<size_t>(k)] += costs[(classes[i + k] << 6) + size[i + k]];
        }
      }
    }
  }
  static_assert(kMaxSize + 1 == 1 << 6);
  const int64_t all_units = int64_t{kAnyLevel} + units[0] + units[1] + units[2] + units[3] +
                            int64_t{kHalfOctave} * hn::GetLane(hn::SumOfLanes(d, large_units));
  const auto all_gain = static_cast<int64_t>(hn::GetLane(hn::SumOfLanes(d64, gain)));
  const int64_t cost =
      all_units * (int64_t{1} << kUnitShift) - ((all_gain * step.dist_mul) >> step.dist_shift);
  return std::min<int64_t>(cost, 0);
}

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
  const auto guess = [&](auto narrow) HWY_ATTR {
    constexpr bool kNarrow = decltype(narrow)::value;
    if (columns == 4) return Guess<4, kNarrow>(coefficients, 4, 4, rows, step);
    if (columns == 8) return Guess<8, kNarrow>(coefficients, 8, 8, rows, step);
    return Guess<16, kNarrow>(coefficients, 1 << log2_w, columns, rows, step);
  };
  if (step.inverse < 1 << 16) return guess(std::true_type());
  return guess(std::false_type());
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
