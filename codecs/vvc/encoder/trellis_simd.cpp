// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/trellis.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/trellis_step.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/trellis_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/encoder/trellis_candidates_inl.h"
#include "codecs/vvc/encoder/trellis_lanes_inl.h"
#include "codecs/vvc/encoder/trellis_past_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

bool QuantizeBlock(const BlockScan &, const int32_t *, const QuantStep &, const TrellisRates &,
                   TrellisMemory &, int, int64_t, int32_t *, int64_t &) {
  return false;
}

#else

using trellis::Candidates;
using trellis::kBinsMask;
using trellis::kFar;
using trellis::kImpossible;
using trellis::kOneLevel;
using trellis::kStart;
using trellis::Place;

// What may be in a sub-block.
enum class Levels {
  kOnes,   // levels of 0 and 1: the step's least_for_two()
  kShort,  // none with a remainder
  kAny,    // and paths may run out of context coded bins; with the others none does
};

// Every state's continuations with a level of one parity.
struct Continuations {
  V32 cost;
  V32 packed;
  V32 book;
};

class Trellis {
 public:
  HWY_INLINE Trellis(const BlockScan &scan, const int32_t *coefficients, const QuantStep &step,
                     const TrellisRates &rates, TrellisMemory &memory)
      : scan_(scan),
        coefficients_(coefficients),
        step_(step),
        rates_(rates),
        m_(memory),
        mask_((1 << scan.sb_shift) - 1),
        budget_((scan.count * 7) >> 2),
        least_for_two_(static_cast<uint32_t>(step.least_for_two())) {}

  HWY_INLINE int64_t Run(int start) {
    V32 cost = hn::Set(d32, kImpossible);
    V32 book = hn::Zero(d32);
    base_ = 0;
    m_.first_subblock = static_cast<size_t>(start >> scan_.sb_shift);
    m_.owners.fill(kNoPath);
    FindMagnitudes(static_cast<size_t>(start) + 1);
    for (int sb = start >> scan_.sb_shift; sb >= 0; --sb) {
      const int first = sb << scan_.sb_shift;
      const bool with_start = start - first <= mask_;
      const int last = with_start ? start : first + mask_;
      EnterSubblock(sb, with_start, cost, book);
      const auto size = static_cast<size_t>(last - first + 1);
      magnitudes_ = &m_.magnitudes[static_cast<size_t>(first)];
      // So many bins are left that no path can run out of them in this sub-block.
      constexpr int32_t kPlenty = 4 * 16 + 4;
      const bool plenty =
          budget_ >= kPlenty &&
          hn::AllFalse(d32, hn::And(Possible(cost), hn::Lt(book, hn::Set(d32, kPlenty))));
      if (plenty && Largest(magnitudes_) < least_for_two_) {
        FindOnes(magnitudes_, size, step_, candidates_);
        Step<Levels::kOnes>(sb, last - first, cost, book);
      } else {
        FindCandidates(magnitudes_, size, step_, candidates_);
        if (HWY_LIKELY(plenty && !candidates_.remainders)) {
          Step<Levels::kShort>(sb, last - first, cost, book);
        } else {
          Step<Levels::kAny>(sb, last - first, cost, book);
        }
      }
      if (sb > 0) LeaveSubblock(sb, size, cost, book);
    }
    alignas(16) int32_t costs[4];
    hn::Store(cost, d32, costs);
    best_ = static_cast<size_t>(std::min_element(costs, costs + 4) - costs);
    return base_ + costs[best_];
  }

  HWY_INLINE void Collect(int32_t *levels) const {
    std::fill_n(levels, size_t{1} << (scan_.log2_w + scan_.log2_h), 0);
    auto state = static_cast<uint32_t>(best_);
    for (int i = 0; i < scan_.count && state != kStart; ++i) {
      if ((i & mask_) == 0 && i > 0 &&
          m_.skipped[static_cast<size_t>(i >> scan_.sb_shift)][state]) {
        i += mask_;
        continue;
      }
      const int32_t level = Follow(i, state);
      const int raster = scan_.positions[static_cast<size_t>(i)].raster;
      const int32_t sign = coefficients_[raster] >> 31;
      levels[raster] = (level ^ sign) - sign;
    }
  }

 private:
  static constexpr D32 d32{};
  static constexpr DU32 du32{};
  static constexpr D8 d8{};
  static constexpr int64_t kNever = int64_t{1} << 60;  // as a cost

  // Of the first `count` positions, and zeros to the end of their sub-block.
  HWY_INLINE void FindMagnitudes(size_t count) {
    const BlockScan::Position *positions = scan_.positions.data();
    size_t i = 0;
    for (; i < count; ++i) {
      m_.magnitudes[i] = static_cast<uint32_t>(std::abs(coefficients_[positions[i].raster]));
    }
    for (; i % 16 != 0; ++i) m_.magnitudes[i] = 0;
  }

  static HWY_INLINE uint32_t Largest(const uint32_t *magnitudes) {
    const hn::CappedTag<uint32_t, 16> d;
    auto most = hn::Load(d, magnitudes);
    for (size_t i = hn::Lanes(d); i < 16; i += hn::Lanes(d)) {
      most = hn::Max(most, hn::Load(d, magnitudes + i));
    }
    return hn::GetLane(hn::MaxOfLanes(d, most));
  }

  // Steps from position `last` of sub-block `sb` to its first.
  template <Levels kLevels>
  HWY_INLINE void Step(int sb, int last, V32 &cost, V32 &book) {
    const size_t first = static_cast<size_t>(sb) << scan_.sb_shift;
    const int end = sb == 0 ? -1 : 0;  // where a path without levels must not get
    V32 around = LoadAround(static_cast<size_t>(last));
    for (int i = last; i >= 0; --i) {
      const auto inside = static_cast<size_t>(i);
      const bool only_zero = magnitudes_[inside] == 0 && SurroundedByZeros(cost, around);
      const Place place = {scan_.positions[first + inside], inside, i != end, only_zero};
      Continuations even;
      Continuations odd;
      if (kLevels != Levels::kAny || HWY_LIKELY(!SomeLackBins(cost, book))) {
        Extend<kLevels>(place, cost, book, around, even, odd);
      } else if (!AllLackBins(cost, book) || !ExtendWithoutContexts(place, cost, book, even, odd)) {
        alignas(16) std::array<int32_t, 4> cost_of;
        alignas(16) std::array<int32_t, 4> book_of;
        std::array<trellis::StoredContinuations, 2> out;
        hn::Store(cost, d32, cost_of.data());
        hn::Store(book, d32, book_of.data());
        trellis::extend_one_by_one(place, candidates_, rates_, m_, cost_of, book_of, out);
        even = Loaded(out[0]);
        odd = Loaded(out[1]);
      }
      Advance<kLevels>(first + inside, place, even, odd, cost, book, around);
    }
  }

  // One step along a path: the level chosen, and the state before it.
  HWY_INLINE int32_t Follow(int i, uint32_t &state) const {
    const auto at = static_cast<size_t>(i);
    const auto level = static_cast<int32_t>(m_.packed[at][state] >> 16);
    state = (m_.from[at] >> (8 * state)) & 0xff;
    return level;
  }

  static HWY_INLINE M32 LacksBins(V32 book) {
    return hn::Lt(hn::And(book, hn::Set(d32, kBinsMask)), hn::Set(d32, 4));
  }
  static HWY_INLINE bool SomeLackBins(V32 cost, V32 book) {
    return !hn::AllFalse(d32, hn::And(Possible(cost), LacksBins(book)));
  }
  static HWY_INLINE bool AllLackBins(V32 cost, V32 book) {
    return hn::AllFalse(d32, hn::AndNot(LacksBins(book), Possible(cost)));
  }

  static HWY_INLINE Continuations Loaded(const trellis::StoredContinuations &c) {
    return {hn::Load(d32, c.cost.data()), hn::Load(d32, c.packed.data()),
            hn::Load(d32, c.book.data())};
  }

  HWY_INLINE V32 LoadAround(size_t inside) const { return Expand(LoadBytes(m_.flags[inside])); }

  static HWY_INLINE bool SurroundedByZeros(V32 cost, V32 around) {
    return hn::AllFalse(d32, hn::And(Possible(cost), hn::Ne(around, hn::Zero(d32))));
  }

  HWY_INLINE V32 Significant(size_t coded, size_t offset, V32 index) const {
    const auto &rates = rates_.significant[coded][offset / 4];
    return hn::ConcatUpperLower(d32, LookUp<8>(rates[1].data(), index),
                                LookUp<8>(rates[0].data(), index));
  }

  HWY_INLINE V32 LevelRate(const int32_t *rows, const int32_t *rates, V32 excess) const {
    return hn::ConcatUpperLower(d32, LookUp<5>(rates + rows[1], excess),
                                LookUp<5>(rates + rows[0], excess));
  }

  // Rice parameters of the states (table 128).
  HWY_INLINE V32 RiceParameters(size_t inside, int base_level) const {
    const V32 sum = Expand(LoadBytes(m_.whole[inside]));
    V32 rice = hn::Zero(d32);
    for (const int least : {7, 14, 28}) {
      const V32 below = hn::Set(d32, 5 * base_level + least - 1);
      rice = hn::Sub(rice, hn::VecFromMask(d32, hn::Gt(sum, below)));
    }
    return rice;
  }

  // Whether the values of both levels are in the table.
  static HWY_INLINE bool Tabulated(int32_t first, int32_t second) {
    return std::max(first, second) < static_cast<int32_t>(kTabulatedRemainders);
  }

  HWY_INLINE V32 Remainders(size_t parity, size_t inside) const {
    const int32_t first = candidates_.Level(parity, inside, 0);
    const int32_t second = candidates_.Level(parity, inside, 2);
    if (HWY_LIKELY(Tabulated(first, second))) {
      static constexpr std::array<int32_t, 4> kNothing{};
      const auto row = [](int32_t level) {
        return level < 4 ? kNothing.data()
                         : kRemainderRates[static_cast<size_t>(level - 4) >> 1].data();
      };
      return ByRice(row(first), row(second), RiceParameters(inside, 4));
    }
    alignas(16) int32_t rate[4];
    for (size_t s = 0; s < 4; ++s) {
      const int32_t level = s < 2 ? first : second;
      rate[s] = level < 4 ? 0
                          : remainder_rate(static_cast<uint32_t>(level - 4) >> 1,
                                           rice_parameter(m_.whole[inside][s], 4));
    }
    return hn::Load(d32, rate);
  }

  // Takes 0 where it costs less than the even level.
  static HWY_INLINE void ConsiderZero(V32 zero, V32 book, Continuations &even) {
    const auto to_zero = hn::Lt(zero, even.cost);
    even.cost = hn::Min(zero, even.cost);
    even.packed = hn::IfThenZeroElse(to_zero, even.packed);
    even.book = hn::IfThenElse(to_zero, book, even.book);
  }

  // Where no state has context coded bins left. False where levels are too large for it.
  HWY_INLINE bool ExtendWithoutContexts(const Place &place, V32 cost, V32 book, Continuations &even,
                                        Continuations &odd) const {
    const size_t inside = place.inside;
    const V32 rice = RiceParameters(inside, 0);
    // What stands for 0: 1 << rice with the first quantiser, 2 << rice with the second, so the
    // prefix has two or three bits.
    alignas(16) static constexpr int32_t kQuantizers[4] = {1, 1, 2, 2};
    const V32 quantizer = hn::Load(d32, kQuantizers);
    const V32 zero_value = hn::Shl(quantizer, rice);
    const V32 zero_bits = hn::Add(hn::Add(rice, quantizer), hn::Set(d32, 1));
    V32 zero = hn::Add(cost, hn::ShiftLeft<kRateBits>(zero_bits));
    if (!place.may_end_empty) {
      zero = hn::IfThenElse(hn::Lt(book, hn::Set(d32, kOneLevel)), hn::Set(d32, kImpossible), zero);
    }
    if (place.only_zero) {
      even = {zero, hn::Zero(d32), book};
      odd = {hn::Set(d32, kImpossible), hn::Zero(d32), book};
      return true;
    }
    const auto continuations = [&](size_t parity, Continuations &out) HWY_ATTR {
      const int32_t first = candidates_.Level(parity, inside, 0);
      const int32_t second = candidates_.Level(parity, inside, 2);
      if (!Tabulated(first, second)) return false;
      const auto row = [](int32_t value) {
        return kRemainderRates[static_cast<size_t>(std::max(value, 0))].data();
      };
      const V32 level = hn::ConcatUpperLower(d32, hn::Set(d32, second), hn::Set(d32, first));
      const V32 rate =
          hn::IfThenElse(hn::Gt(level, zero_value), ByRice(row(first), row(second), rice),
                         ByRice(row(first - 1), row(second - 1), rice));
      out.cost = hn::Add(hn::Add(cost, Lanes(candidates_.cost[parity][inside])),
                         hn::Add(rate, hn::Set(d32, static_cast<int32_t>(kOneBit))));
      out.packed = Lanes(candidates_.packed[parity][inside]);
      out.book = hn::Add(book, hn::Set(d32, kOneLevel));
      return true;
    };
    if (!continuations(0, even) || !continuations(1, odd)) return false;
    ConsiderZero(hn::Add(zero, hn::Set(d32, candidates_.zero[inside])), book, even);
    return true;
  }

  // What is on offer, with kOnes for parity 1 alone: the first quantiser's level, and the lanes of
  // Candidates.
  template <Levels kLevels>
  HWY_INLINE int32_t Level(size_t parity, size_t inside) const {
    return kLevels == Levels::kOnes ? static_cast<int32_t>(parity)
                                    : candidates_.Level(parity, inside, 0);
  }
  template <Levels kLevels>
  HWY_INLINE V32 Packed(size_t parity, size_t inside) const {
    return Lanes(kLevels == Levels::kOnes ? kLaneConstants.packed_one
                                          : candidates_.packed[parity][inside]);
  }
  template <Levels kLevels>
  HWY_INLINE V32 Book(size_t parity, size_t inside) const {
    return Lanes(kLevels == Levels::kOnes ? kLaneConstants.book_one
                                          : candidates_.book[parity][inside]);
  }

  template <Levels kLevels>
  HWY_INLINE void Extend(const Place &place, V32 cost, V32 book_now, V32 around,
                         Continuations &even, Continuations &odd) const {
    const size_t inside = place.inside;
    const V32 one = Lanes(kLaneConstants.one);
    const V32 index = ContextIndex(around);
    V32 zero = cost;
    if (!place.only_zero) zero = hn::Add(zero, hn::Set(d32, candidates_.zero[inside]));
    zero = hn::Add(zero, Significant(0, place.position.sig_offset, index));
    V32 book = hn::Sub(book_now, one);
    M32 forced = hn::MaskFromVec(hn::Zero(d32));
    if (HWY_UNLIKELY(!place.may_end_empty)) {
      forced = hn::Lt(book_now, hn::Set(d32, kOneLevel));
      zero = hn::IfThenElse(forced, hn::Set(d32, kImpossible), zero);
      book = hn::IfThenElse(forced, book_now, book);
    }
    if (place.only_zero) {
      even = {zero, hn::Zero(d32), book};
      odd = {Lanes(kLaneConstants.impossible), hn::Zero(d32), book};
      return;
    }
    const V32 excess = Excess(around);
    V32 significant = Significant(1, place.position.sig_offset, index);
    if (HWY_UNLIKELY(!place.may_end_empty)) significant = hn::IfThenZeroElse(forced, significant);
    const int32_t *rates = rates_.level[0].data() + place.position.greater_offset;
    if constexpr (kLevels == Levels::kOnes) {
      const V32 rate = LookUp<5>(rates + kLevelRow, excess);
      even = {zero, hn::Zero(d32), book};
      odd = {hn::Add(hn::Add(cost, Lanes(candidates_.cost[1][inside])), hn::Add(significant, rate)),
             Packed<kLevels>(1, inside), hn::Add(book, Book<kLevels>(1, inside))};
      return;
    }
    const V32 coded = hn::Add(cost, significant);
    const auto continuations = [&](size_t parity) HWY_ATTR {
      const int32_t *rows = candidates_.row[inside].data() + 2 * parity;
      V32 rate = LevelRate(rows, rates, excess);
      if (kLevels == Levels::kAny &&
          std::max(rows[0], rows[1]) >= static_cast<int32_t>(4 * kLevelRow)) {
        rate = hn::Add(rate, Remainders(parity, inside));
      }
      return Continuations{hn::Add(hn::Add(coded, Lanes(candidates_.cost[parity][inside])), rate),
                           Packed<kLevels>(parity, inside),
                           hn::Add(book, Book<kLevels>(parity, inside))};
    };
    even = continuations(0);
    odd = continuations(1);
    ConsiderZero(zero, book, even);
  }

  // Cost of a path that begins with the first quantiser's level.
  template <Levels kLevels>
  HWY_INLINE int32_t Start(size_t parity, size_t inside, int64_t last) const {
    const int32_t level = Level<kLevels>(parity, inside);
    if (level == 0) return kImpossible;
    int64_t cost = last + candidates_.cost[parity][inside][0] + rates_.level[level_class(level)][0];
    if (level >= 4) cost += remainder_rate(static_cast<uint32_t>(level - 4) >> 1, 0);
    return static_cast<int32_t>(std::min<int64_t>(cost, kImpossible));
  }

  // Chooses the best way into every state: from states 0 and 1 into 0 and 2, from 2 and 3 into 1
  // and 3.
  template <Levels kLevels>
  HWY_INLINE void Advance(size_t at, const Place &place, const Continuations &even,
                          const Continuations &odd, V32 &cost, V32 &book, V32 &around) {
    const size_t inside = place.inside;
    const V32 first = hn::ConcatEven(d32, odd.cost, even.cost);
    const V32 second = hn::ConcatOdd(d32, even.cost, odd.cost);
    const V32 other = Negative(hn::Sub(second, first));
    cost = hn::Min(hn::Min(first, second), Lanes(kLaneConstants.impossible));
    V32 from = From(other);
    V32 packed = hn::IfVecThenElse(other, hn::ConcatOdd(d32, even.packed, odd.packed),
                                   hn::ConcatEven(d32, odd.packed, even.packed));
    book = hn::IfVecThenElse(other, hn::ConcatOdd(d32, even.book, odd.book),
                             hn::ConcatEven(d32, odd.book, even.book));
    if (!place.only_zero) {
      // Paths that begin here lead into state 0 or 2, and cost at least this.
      const int64_t last =
          rates_.last_x[place.position.x] + rates_.last_y[place.position.y] - base_;
      const auto least = static_cast<int32_t>(std::min<int64_t>(last, kImpossible));
      if (HWY_UNLIKELY(!hn::AllFalse(d32, hn::Lt(hn::Set(d32, least), cost)))) {
        const V32 starts =
            hn::OddEven(hn::Set(d32, kImpossible),
                        hn::ConcatLowerLower(d32, hn::Set(d32, Start<kLevels>(1, inside, last)),
                                             hn::Set(d32, Start<kLevels>(0, inside, last))));
        const auto begins = hn::Lt(starts, cost);
        cost = hn::Min(cost, starts);
        from = hn::IfThenElse(begins, FromNowhere(), from);
        const V32 begun_packed =
            hn::ConcatLowerLower(d32, Packed<kLevels>(1, inside), Packed<kLevels>(0, inside));
        const V32 begun_book =
            hn::ConcatLowerLower(d32, Book<kLevels>(1, inside), Book<kLevels>(0, inside));
        packed = hn::IfThenElse(begins, begun_packed, packed);
        book = hn::IfThenElse(begins, hn::Add(hn::Set(d32, budget_), begun_book), book);
      }
      base_ += kLevels == Levels::kOnes ? -candidates_.zero[inside] : candidates_.best[inside];
    }
    Record<kLevels>(at, inside, from, packed, around);
  }

  // Notes what was chosen at position `at`, and what the ones before see of it.
  template <Levels kLevels>
  HWY_INLINE void Record(size_t at, size_t inside, V32 from, V32 packed, V32 &around) {
    alignas(16) static constexpr uint8_t kLowBytes[16] = {0, 4, 8, 12, 0, 4, 8, 12,
                                                          0, 4, 8, 12, 0, 4, 8, 12};
    alignas(16) static constexpr uint8_t kPlace[16] = {0, 0, 0, 0, 4,  4,  4,  4,
                                                       8, 8, 8, 8, 12, 12, 12, 12};
    const V8 low_bytes = hn::Load(d8, kLowBytes);
    const V8 from_bytes = hn::TableLookupBytes(hn::BitCast(d8, from), low_bytes);
    hn::Store(hn::BitCast(du32, packed), du32, m_.packed[at].data());
    m_.from[at] = hn::GetLane(hn::BitCast(du32, from_bytes));
    if (inside == 0) return;

    const V8 paths = hn::Add(from_bytes, hn::Load(d8, kPlace));
    const V8 flags = hn::TableLookupBytes(hn::BitCast(d8, packed), low_bytes);
    const V8 whole =
        hn::TableLookupBytes(hn::BitCast(d8, packed), hn::Add(low_bytes, hn::Set(d8, 1)));
    const uint32_t *observes = scan_.observer_masks[inside].data();
    const V32 seen = hn::BitCast(d32, hn::Set(du32, observes[inside - 1] & 0xff));
    around = hn::Add(hn::BitCast(d32, hn::TableLookupBytesOr0(LoadBytes(m_.flags[inside - 1]),
                                                              hn::BitCast(d8, from))),
                     hn::And(packed, seen));
    Update(inside, paths, flags, observes, m_.flags);
    if (kLevels == Levels::kAny) Update(inside, paths, whole, observes, m_.whole);
  }

  // The sums of the positions before `inside`, at least.
  HWY_INLINE void Update(size_t inside, V8 paths, V8 added, const uint32_t *observes,
                         TrellisMemory::Bytes &sums) const {
    const hn::CappedTag<uint8_t, 64> d;
    const hn::Repartition<uint32_t, decltype(d)> dw;
    const auto wide_paths = Repeat16(d, paths);
    const auto wide_added = Repeat16(d, added);
    uint8_t *at = sums[0].data();
    for (size_t k = 0; k < 4 * inside; k += hn::Lanes(d)) {
      const auto mask = hn::BitCast(d, hn::LoadU(dw, observes + k / 4));
      const auto before = hn::TableLookupBytesOr0(hn::Load(d, at + k), wide_paths);
      hn::Store(hn::Add(before, hn::And(wide_added, mask)), d, at + k);
    }
  }

  HWY_INLINE void EnterSubblock(int sb, bool with_start, V32 &cost, V32 &book) {
    uint32_t alone = kNoPath;
    if (with_start) {
      m_.flags = {};
      m_.whole = {};
    } else {
      alone = LookAround(scan_, static_cast<size_t>(sb), m_);
    }
    const auto first_context = hn::Ne(Expand(hn::BitCast(d8, hn::Set(du32, alone))), hn::Zero(d32));
    const auto rates = [&](size_t coded) HWY_ATTR {
      return hn::IfThenElse(first_context, hn::Set(d32, rates_.subblock[0][coded]),
                            hn::Set(d32, rates_.subblock[1][coded]));
    };
    book = hn::And(book, hn::Set(d32, kBinsMask));
    entry_base_ = base_;
    hn::Store(cost, d32, entry_cost_);
    hn::Store(book, d32, entry_book_);
    hn::Store(rates(0), d32, skip_rate_);
    if (!with_start && sb > 0) {
      cost = hn::Min(hn::Add(cost, rates(1)), hn::Set(d32, kImpossible));
    }
  }

  HWY_INLINE void LeaveSubblock(int sb, size_t count, V32 &cost, V32 &book) {
    const auto sb_index = static_cast<size_t>(sb);
    alignas(16) int32_t cost_of[4];
    alignas(16) int32_t book_of[4];
    hn::Store(cost, d32, cost_of);
    hn::Store(book, d32, book_of);
    int64_t total[4];
    int64_t least = kNever;
    const uint32_t through = KeepLevels(sb_index, count, m_);
    std::array<uint8_t, 4> from;
    std::array<uint8_t, 4> own;
    std::memcpy(from.data(), &through, sizeof(through));
    for (size_t s = 0; s < 4; ++s) {
      own[s] = static_cast<uint8_t>(s);
      total[s] = cost_of[s] < kFar ? base_ + cost_of[s] : kNever;
      const int64_t skip = entry_base_ + entry_cost_[s] + skip_rate_[s];
      const bool skipped = entry_cost_[s] < kFar && skip < total[s];
      m_.skipped[sb_index][s] = skipped;
      if (skipped) {
        total[s] = skip;
        book_of[s] = entry_book_[s];
        from[s] = static_cast<uint8_t>(s);
        own[s] = kStart;
      } else if (total[s] == kNever) {
        from[s] = own[s] = kStart;
      }
      least = std::min(least, total[s]);
    }
    base_ = least;
    for (size_t s = 0; s < 4; ++s) {
      cost_of[s] = static_cast<int32_t>(std::min<int64_t>(total[s] - base_, kImpossible));
    }
    cost = hn::Load(d32, cost_of);
    book = hn::Load(d32, book_of);
    uint32_t from_bytes;
    uint32_t own_bytes;
    std::memcpy(&from_bytes, from.data(), sizeof(from_bytes));
    std::memcpy(&own_bytes, own.data(), sizeof(own_bytes));
    TakeOver(sb_index, from_bytes, own_bytes, m_);
  }

  const BlockScan &scan_;
  const int32_t *coefficients_;
  const QuantStep &step_;
  const TrellisRates &rates_;
  TrellisMemory &m_;
  const int mask_;
  const int32_t budget_;  // of context coded bins
  const uint32_t least_for_two_;
  int64_t base_ = 0;  // of the costs

  // Of the sub-block in work.
  const uint32_t *magnitudes_;
  Candidates candidates_;

  // At the beginning of the sub-block.
  alignas(16) int32_t entry_cost_[4];
  alignas(16) int32_t entry_book_[4];
  alignas(16) int32_t skip_rate_[4];
  int64_t entry_base_ = 0;
  size_t best_ = 0;
};

bool QuantizeBlock(const BlockScan &scan, const int32_t *coefficients, const QuantStep &step,
                   const TrellisRates &rates, TrellisMemory &memory, int start, int64_t limit,
                   int32_t *levels, int64_t &cost) {
  Trellis trellis(scan, coefficients, step, rates, memory);
  cost = trellis.Run(start);
  if (cost < limit) trellis.Collect(levels);
  return true;
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {
namespace {

constexpr int64_t kMaxMagnitude = 1 << 15;
constexpr int64_t kMaxLevel = 32767;
// Sixteen of these, and their rates, leave room in 32 bits.
constexpr int64_t kMaxStepCost = 1 << 22;

bool fits(const QuantStep &step) {
  const int64_t index = (kMaxMagnitude * step.inverse) >> QuantStep::kInverseBits;
  const int64_t scaled = (kMaxMagnitude << step.shift) + 4 * step.scale;
  return index / 2 + 2 <= kMaxLevel && scaled <= std::numeric_limits<uint32_t>::max() &&
         step.cost(2 * step.reconstruct(2)) <= kMaxStepCost;
}

}  // namespace

HWY_EXPORT(QuantizeBlock);

bool DepQuantizer::quantize(const int32_t *coefficients, int log2_w, int log2_h,
                            const QuantStep &step, const TrellisRates &rates, int64_t limit,
                            int32_t *levels, int64_t &cost) {
  const BlockScan &scan = BlockScan::get(log2_w, log2_h);
  const int start = find_trellis_start(scan, coefficients, step, rates, where_);
  if (start < 0) return false;
  if (fits(step) && HWY_DYNAMIC_DISPATCH(QuantizeBlock)(scan, coefficients, step, rates, memory_,
                                                        start, limit, levels, cost)) {
    return true;
  }
  return reference_.quantize(coefficients, log2_w, log2_h, step, rates, limit, levels, cost);
}

}  // namespace feat::vvc

#endif
