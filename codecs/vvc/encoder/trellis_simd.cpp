// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/trellis.h"

#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/residual_writer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/trellis_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

bool QuantizeBlock(const BlockScan &, const int32_t *, const QuantStep &, const TrellisRates &,
                   TrellisMemory &, int, int32_t *, int64_t &) {
  return false;
}

#else

// Lanes of 32 bits are the four states.
using D32 = hn::FixedTag<int32_t, 4>;
using DU32 = hn::FixedTag<uint32_t, 4>;
using D8 = hn::FixedTag<uint8_t, 16>;
using V32 = hn::VFromD<D32>;
using V8 = hn::VFromD<D8>;
using M32 = hn::MFromD<D32>;

// Costs differ by much less than kFar; what cannot be costs kImpossible.
constexpr int32_t kFar = 1 << 28;
constexpr int32_t kImpossible = 1 << 29;
constexpr int32_t kMaxZeroLoss = 1 << 27;
constexpr uint32_t kStart = 0x80;  // makes TableLookupBytesOr0() give 0
// A state's bookkeeping: regular bins left, and above them the levels of this sub-block.
constexpr int32_t kBinsMask = 0xffff;
constexpr int32_t kOneLevel = 1 << 16;

// A level with its share of PackedLevels: 16 bits, 8 bits, 8 bits.
HWY_INLINE uint32_t Packed(int32_t level) {
  return static_cast<uint32_t>(level) | uint32_t{pack_level(level)} << 16;
}

HWY_INLINE int32_t Bookkeeping(int32_t level) {
  return level == 0 ? 0 : kOneLevel - (level > 1 ? 3 : 1);
}

// The levels that the two quantisers offer for one coefficient: [parity][quantiser].
struct Candidates {
  int32_t level[2][2];
  int32_t distortion[2][2];  // above `best`
  int32_t zero;              // distortion of no level at all, above `best`
  int64_t best;              // change of distortion against no level

  HWY_INLINE void Set(int64_t magnitude, const QuantStep &step) {
    const int64_t index = (magnitude * step.inverse) >> QuantStep::kInverseBits;
    const int64_t none = step.cost(magnitude);
    int64_t cost[2][2];
    for (int odd = 0; odd < 2; ++odd) {
      const auto lower = static_cast<int32_t>((index + odd) >> 1);
      level[0][odd] = (lower + 1) & ~1;
      level[1][odd] = lower | 1;
      for (int parity = 0; parity < 2; ++parity) {
        const int64_t error = magnitude - step.reconstruct(2 * level[parity][odd] - odd);
        cost[parity][odd] = step.cost(error);
      }
      if (level[0][odd] == 0) cost[0][odd] = none;
    }
    const int64_t least =
        std::min(std::min(cost[0][0], cost[0][1]), std::min(cost[1][0], cost[1][1]));
    for (int parity = 0; parity < 2; ++parity) {
      for (int odd = 0; odd < 2; ++odd) {
        distortion[parity][odd] = static_cast<int32_t>(cost[parity][odd] - least);
      }
    }
    zero = static_cast<int32_t>(std::min<int64_t>(none - least, kMaxZeroLoss));
    best = least - none;
  }
};

// Every state's continuations with a level of one parity.
struct Continuations {
  V32 cost;
  V32 packed;
  V32 book;
};

template <class D>
HWY_INLINE hn::VFromD<D> Pairs(D d, int32_t lower, int32_t upper) {
  return hn::ConcatLowerLower(d, hn::Set(d, upper), hn::Set(d, lower));
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
        budget_((scan.count * 7) >> 2) {}

  HWY_INLINE int64_t Run(int start) {
    const int64_t zero_threshold = step_.reconstruct(2) / 4;
    cost_ = hn::Set(d32, kImpossible);
    book_ = hn::Zero(d32);
    base_ = 0;
    m_.coded.fill(false);
    several_ = start > mask_;
    if (several_) {
      const int rows = scan_.sb_rows << scan_.log2_sb_h;
      std::fill_n(m_.field.at.begin(), (rows + 2) * LevelField::kStride, PackedLevels{0});
    }
    for (int sb = start >> scan_.sb_shift; sb >= 0; --sb) {
      const int first = sb << scan_.sb_shift;
      const bool with_start = start - first <= mask_;
      int i = with_start ? start : first + mask_;
      EnterSubblock(sb, with_start);
      around_ = LoadAround(static_cast<size_t>(i - first));
      for (; i >= first; --i) {
        const auto inside = static_cast<size_t>(i - first);
        const BlockScan::Position &p = scan_.positions[static_cast<size_t>(i)];
        const int64_t magnitude = std::abs(coefficients_[p.raster]);
        const bool may_end_empty = inside != 0 || sb == 0;
        const bool bypass = !hn::AllFalse(
            d32,
            hn::And(Possible(), hn::Lt(hn::And(book_, hn::Set(d32, kBinsMask)), hn::Set(d32, 4))));
        const bool only_zero = magnitude <= zero_threshold && SurroundedByZeros();
        if (!only_zero) candidates_.Set(magnitude, step_);
        if (HWY_UNLIKELY(bypass)) {
          ExtendOneByOne(p, inside, may_end_empty, only_zero);
        } else {
          Extend(p, inside, may_end_empty, only_zero);
        }
        if (only_zero) {
          Advance(i, inside, hn::Set(d32, kImpossible));
        } else {
          const V32 starts = Starts(p);
          base_ += candidates_.best;
          Advance(i, inside, starts);
        }
      }
      if (sb > 0) LeaveSubblock(sb);
    }
    alignas(16) int32_t cost[4];
    hn::Store(cost_, d32, cost);
    best_ = static_cast<size_t>(std::min_element(cost, cost + 4) - cost);
    return base_ + cost[best_];
  }

  HWY_INLINE void Collect(int32_t *levels) const {
    std::fill_n(levels, size_t{1} << (scan_.log2_w + scan_.log2_h), 0);
    size_t s = best_;
    for (int i = 0; i < scan_.count && s != kStart; ++i) {
      if ((i & mask_) == 0 && i > 0 && m_.skipped[static_cast<size_t>(i >> scan_.sb_shift)][s]) {
        i += mask_;
        continue;
      }
      const uint32_t decision = m_.decisions[static_cast<size_t>(i)][s];
      const auto level = static_cast<int32_t>(decision & 0xffff);
      const int raster = scan_.positions[static_cast<size_t>(i)].raster;
      levels[raster] = coefficients_[raster] < 0 ? -level : level;
      s = decision >> 16;
    }
  }

 private:
  static constexpr D32 d32{};
  static constexpr DU32 du32{};
  static constexpr D8 d8{};

  HWY_INLINE M32 Possible() const { return hn::Lt(cost_, hn::Set(d32, kFar)); }

  // The flag sums of a position, four bytes in every lane.
  HWY_INLINE V8 LoadAround(size_t inside) const {
    uint32_t bytes;
    std::memcpy(&bytes, m_.flags[inside].data(), sizeof(bytes));
    return hn::BitCast(d8, hn::Set(du32, bytes));
  }

  HWY_INLINE V32 Around() const {
    alignas(16) static constexpr uint8_t kExpand[16] = {0, 0x80, 0x80, 0x80, 1, 0x80, 0x80, 0x80,
                                                        2, 0x80, 0x80, 0x80, 3, 0x80, 0x80, 0x80};
    return hn::BitCast(d32, hn::TableLookupBytesOr0(around_, hn::Load(d8, kExpand)));
  }

  HWY_INLINE bool SurroundedByZeros() const {
    return hn::AllFalse(d32, hn::And(Possible(), hn::Ne(Around(), hn::Zero(d32))));
  }

  HWY_INLINE V32 Significant(size_t bin, size_t offset, V32 half) const {
    const auto indices = hn::IndicesFromVec(d32, half);
    const auto look = [&](size_t set) HWY_ATTR {
      return hn::TableLookupLanes(hn::LoadU(d32, &rates_.significant[set][bin][offset]), indices);
    };
    return hn::ConcatUpperLower(d32, hn::OddEven(look(2), look(1)), look(0));
  }

  HWY_INLINE V32 LevelRate(size_t parity, size_t offset, V32 excess) const {
    const auto last = hn::Eq(excess, hn::Set(d32, 4));
    const auto indices = hn::IndicesFromVec(d32, hn::And(excess, hn::Set(d32, 3)));
    const auto look = [&](int32_t level) HWY_ATTR {
      const int32_t *row = &rates_.level[level_class(level)][offset];
      return hn::IfThenElse(last, hn::Set(d32, row[4]),
                            hn::TableLookupLanes(hn::LoadU(d32, row), indices));
    };
    return hn::ConcatUpperLower(d32, look(candidates_.level[parity][1]),
                                look(candidates_.level[parity][0]));
  }

  HWY_INLINE V32 Remainders(size_t parity, size_t inside) const {
    alignas(16) int32_t rate[4];
    for (size_t s = 0; s < 4; ++s) {
      const int32_t level = candidates_.level[parity][s >> 1];
      rate[s] = level < 4 ? 0
                          : remainder_rate(static_cast<uint32_t>(level - 4) >> 1,
                                           rice_parameter(m_.whole[inside][s], 4));
    }
    return hn::Load(d32, rate);
  }

  HWY_INLINE void Extend(const BlockScan::Position &p, size_t inside, bool may_end_empty,
                         bool only_zero) {
    const V32 one = hn::Set(d32, 1);
    const V32 around = Around();
    const V32 sum = hn::And(around, hn::Set(d32, 31));
    const V32 half = hn::Min(hn::ShiftRight<1>(hn::Add(sum, one)), hn::Set(d32, 3));
    V32 zero = hn::Add(cost_, Significant(0, p.sig_offset, half));
    V32 book = hn::Sub(book_, one);
    M32 forced = hn::MaskFromVec(hn::Zero(d32));
    if (!may_end_empty) {
      forced = hn::Lt(book_, hn::Set(d32, kOneLevel));
      zero = hn::IfThenElse(forced, hn::Set(d32, kImpossible), zero);
      book = hn::IfThenElse(forced, book_, book);
    }
    if (only_zero) {
      even_ = {zero, hn::Zero(d32), book};
      odd_ = {hn::Set(d32, kImpossible), hn::Zero(d32), book};
      return;
    }
    const Candidates &c = candidates_;
    const V32 excess = hn::Min(hn::Sub(sum, hn::ShiftRight<5>(around)), hn::Set(d32, 4));
    V32 significant = Significant(1, p.sig_offset, half);
    if (!may_end_empty) significant = hn::IfThenZeroElse(forced, significant);
    const V32 coded = hn::Add(cost_, significant);
    const auto continuations = [&](size_t parity) HWY_ATTR {
      const int32_t *level = c.level[parity];
      const int32_t *distortion = c.distortion[parity];
      V32 cost = hn::Add(LevelRate(parity, p.greater_offset, excess),
                         Pairs(d32, level[0] == 0 ? kImpossible : distortion[0],
                               level[1] == 0 ? kImpossible : distortion[1]));
      cost = hn::Add(cost, coded);
      if (HWY_UNLIKELY(std::max(level[0], level[1]) >= 4)) {
        cost = hn::Add(cost, Remainders(parity, inside));
      }
      return Continuations{cost,
                           hn::BitCast(d32, Pairs(d32, static_cast<int32_t>(Packed(level[0])),
                                                  static_cast<int32_t>(Packed(level[1])))),
                           hn::Add(book, Pairs(d32, Bookkeeping(level[0]), Bookkeeping(level[1])))};
    };
    even_ = continuations(0);
    odd_ = continuations(1);
    zero = hn::Add(zero, hn::Set(d32, c.zero));
    const auto to_zero = hn::Lt(zero, even_.cost);
    even_.cost = hn::Min(zero, even_.cost);
    even_.packed = hn::IfThenZeroElse(to_zero, even_.packed);
    even_.book = hn::IfThenElse(to_zero, book, even_.book);
  }

  // Where a state has spent its context coded bins.
  HWY_NOINLINE void ExtendOneByOne(const BlockScan::Position &p, size_t inside, bool may_end_empty,
                                   bool only_zero) {
    alignas(16) int32_t cost[4];
    alignas(16) int32_t book[4];
    alignas(16) int32_t costs[2][4];
    alignas(16) int32_t packed[2][4];
    alignas(16) int32_t books[2][4];
    hn::Store(cost_, d32, cost);
    hn::Store(book_, d32, book);
    for (size_t s = 0; s < 4; ++s) {
      if (cost[s] >= kFar) {
        for (size_t parity = 0; parity < 2; ++parity) {
          costs[parity][s] = kImpossible;
          packed[parity][s] = books[parity][s] = 0;
        }
        continue;
      }
      const PackedLevels around = m_.flags[inside][s];
      const int whole = m_.whole[inside][s];
      const bool may_be_zero = may_end_empty || book[s] >= kOneLevel;
      const bool regular = (book[s] & kBinsMask) >= 4;
      const auto sig_ctx =
          static_cast<size_t>(p.sig_offset + std::min((partial_sum(around) + 1) >> 1, 3));
      const auto &significant = rates_.significant[s > 1 ? s - 1 : 0];
      const int rice = rice_parameter(whole, regular ? 4 : 0);
      const int zero_value = zero_position(static_cast<int>(s), rice);
      const int32_t left = book[s] - (regular && may_be_zero ? 1 : 0);
      for (size_t parity = 0; parity < 2; ++parity) {
        const int32_t level = candidates_.level[parity][s >> 1];
        costs[parity][s] = kImpossible;
        packed[parity][s] = static_cast<int32_t>(Packed(level));
        books[parity][s] = left;
        if (only_zero || level == 0) continue;
        int32_t rate = 0;
        if (regular) {
          const int excess = std::min(partial_sum(around) - number_significant(around), 4);
          rate = rates_.level[level_class(level)][static_cast<size_t>(p.greater_offset + excess)] +
                 (may_be_zero ? significant[1][sig_ctx] : 0);
          if (level >= 4) rate += remainder_rate(static_cast<uint32_t>(level - 4) >> 1, rice);
          books[parity][s] += Bookkeeping(level);
        } else {
          rate =
              kOneBit +
              remainder_rate(static_cast<uint32_t>(level <= zero_value ? level - 1 : level), rice);
          books[parity][s] += kOneLevel;
        }
        costs[parity][s] = cost[s] + candidates_.distortion[parity][s >> 1] + rate;
      }
      if (!may_be_zero) {
        if (packed[0][s] == 0 || only_zero) packed[0][s] = 0;
        continue;
      }
      const int32_t zero = cost[s] + (only_zero ? 0 : candidates_.zero) +
                           (regular ? significant[0][sig_ctx]
                                    : remainder_rate(static_cast<uint32_t>(zero_value), rice));
      if (zero < costs[0][s]) {
        costs[0][s] = zero;
        packed[0][s] = 0;
        books[0][s] = left;
      }
    }
    even_ = {hn::Load(d32, costs[0]), hn::Load(d32, packed[0]), hn::Load(d32, books[0])};
    odd_ = {hn::Load(d32, costs[1]), hn::Load(d32, packed[1]), hn::Load(d32, books[1])};
  }

  // Costs of paths that begin here, in state 0: into state 0, none, into state 2, none.
  HWY_INLINE V32 Starts(const BlockScan::Position &p) const {
    const int64_t before =
        std::clamp<int64_t>(-base_, -kFar, kFar) + rates_.last_x[p.x] + rates_.last_y[p.y];
    alignas(16) int32_t cost[4] = {kImpossible, kImpossible, kImpossible, kImpossible};
    for (size_t parity = 0; parity < 2; ++parity) {
      const int32_t level = candidates_.level[parity][0];
      if (level == 0) continue;
      int64_t all =
          before + candidates_.distortion[parity][0] + rates_.level[level_class(level)][0];
      if (level >= 4) all += remainder_rate(static_cast<uint32_t>(level - 4) >> 1, 0);
      cost[2 * parity] = static_cast<int32_t>(std::min<int64_t>(all, kImpossible));
    }
    return hn::Load(d32, cost);
  }

  // Chooses the best way into every state: from states 0 and 1 into 0 and 2, from 2 and 3 into 1
  // and 3.
  HWY_INLINE void Advance(int i, size_t inside, V32 starts) {
    alignas(16) static constexpr int32_t kFrom[4] = {0, 2, 0, 2};
    alignas(16) static constexpr uint8_t kLowBytes[16] = {0, 4, 8, 12, 0, 4, 8, 12,
                                                          0, 4, 8, 12, 0, 4, 8, 12};
    alignas(16) static constexpr uint8_t kPlace[16] = {0, 0, 0, 0, 4,  4,  4,  4,
                                                       8, 8, 8, 8, 12, 12, 12, 12};
    const V32 first = hn::ConcatEven(d32, odd_.cost, even_.cost);
    const V32 second = hn::ConcatOdd(d32, even_.cost, odd_.cost);
    const auto other = hn::Lt(second, first);
    const V32 either = hn::Min(first, second);
    const auto begins = hn::Lt(starts, either);
    cost_ = hn::Min(hn::Min(either, starts), hn::Set(d32, kImpossible));

    V32 from = hn::Sub(hn::Load(d32, kFrom), hn::VecFromMask(d32, other));
    V32 packed = hn::IfThenElse(other, hn::ConcatOdd(d32, even_.packed, odd_.packed),
                                hn::ConcatEven(d32, odd_.packed, even_.packed));
    book_ = hn::IfThenElse(other, hn::ConcatOdd(d32, even_.book, odd_.book),
                           hn::ConcatEven(d32, odd_.book, even_.book));
    if (HWY_UNLIKELY(!hn::AllFalse(d32, begins))) {
      const int32_t *even = candidates_.level[0];
      const int32_t *odd = candidates_.level[1];
      from = hn::IfThenElse(begins, hn::Set(d32, static_cast<int32_t>(kStart)), from);
      packed = hn::IfThenElse(
          begins,
          Pairs(d32, static_cast<int32_t>(Packed(even[0])), static_cast<int32_t>(Packed(odd[0]))),
          packed);
      book_ = hn::IfThenElse(
          begins, Pairs(d32, budget_ + Bookkeeping(even[0]), budget_ + Bookkeeping(odd[0])), book_);
    }
    hn::Store(
        hn::BitCast(du32, hn::Or(hn::And(packed, hn::Set(d32, 0xffff)), hn::ShiftLeft<16>(from))),
        du32, m_.decisions[static_cast<size_t>(i)].data());
    if (inside == 0) return;

    const V8 low_bytes = hn::Load(d8, kLowBytes);
    const V8 paths =
        hn::Add(hn::TableLookupBytes(hn::BitCast(d8, from), low_bytes), hn::Load(d8, kPlace));
    const V8 flags =
        hn::TableLookupBytes(hn::BitCast(d8, packed), hn::Add(low_bytes, hn::Set(d8, 2)));
    const V8 whole =
        hn::TableLookupBytes(hn::BitCast(d8, packed), hn::Add(low_bytes, hn::Set(d8, 3)));
    const uint32_t *observes = scan_.observer_masks[inside].data();
    around_ = hn::Add(hn::TableLookupBytesOr0(LoadAround(inside - 1), paths),
                      hn::And(flags, hn::BitCast(d8, hn::Set(du32, observes[inside - 1]))));
    Update(m_.flags, paths, flags, observes);
    Update(m_.whole, paths, whole, observes);
  }

  HWY_INLINE void Update(TrellisMemory::Bytes &sums, V8 paths, V8 added,
                         const uint32_t *observes) const {
    const hn::CappedTag<uint8_t, 64> d;
    const hn::Repartition<uint32_t, decltype(d)> dw;
    const auto wide_paths = Repeat16(d, paths);
    const auto wide_added = Repeat16(d, added);
    uint8_t *at = sums[0].data();
    for (size_t k = 0; k < 64; k += hn::Lanes(d)) {
      const auto mask = hn::BitCast(d, hn::LoadU(dw, observes + k / 4));
      const auto before = hn::TableLookupBytesOr0(hn::Load(d, at + k), wide_paths);
      hn::Store(hn::Add(before, hn::And(wide_added, mask)), d, at + k);
    }
  }

  HWY_INLINE void EnterSubblock(int sb, bool with_start) {
    const BlockScan::Subblock &place = scan_.subblocks[static_cast<size_t>(sb)];
    const bool inner_column = place.x + 1 < scan_.sb_columns;
    const bool inner_row = place.y + 1 < scan_.sb_rows;
    const auto at = static_cast<size_t>(place.y * 8 + place.x);
    const bool right = inner_column && m_.coded[at + 1];
    const bool below = inner_row && m_.coded[at + 8];
    const bool beyond = inner_column && inner_row && m_.coded[at + 9];
    context_ = right || below ? 1 : 0;
    if (right || below || beyond) {
      for (int i = 0; i <= mask_; ++i) {
        const auto inside = static_cast<size_t>(i);
        const PackedLevels sum = m_.field.neighbours(
            scan_.positions[static_cast<size_t>((sb << scan_.sb_shift) + i)].field);
        m_.flags[inside].fill(static_cast<uint8_t>(sum & 0xff));
        m_.whole[inside].fill(static_cast<uint8_t>(sum >> 8));
      }
    } else {
      m_.flags = {};
      m_.whole = {};
    }
    book_ = hn::And(book_, hn::Set(d32, kBinsMask));
    entry_base_ = base_;
    entry_cost_ = cost_;
    entry_book_ = book_;
    if (!with_start && sb > 0) {
      cost_ = hn::Min(hn::Add(cost_, hn::Set(d32, rates_.subblock[context_][1])),
                      hn::Set(d32, kImpossible));
    }
  }

  HWY_INLINE void LeaveSubblock(int sb) {
    const auto sb_index = static_cast<size_t>(sb);
    alignas(16) int32_t cost[4];
    alignas(16) int32_t book[4];
    alignas(16) int32_t entry_cost[4];
    alignas(16) int32_t entry_book[4];
    hn::Store(cost_, d32, cost);
    hn::Store(book_, d32, book);
    hn::Store(entry_cost_, d32, entry_cost);
    hn::Store(entry_book_, d32, entry_book);
    int64_t total[4];
    size_t best = 0;
    for (size_t s = 0; s < 4; ++s) {
      constexpr int64_t kNever = int64_t{1} << 60;
      total[s] = cost[s] < kFar ? base_ + cost[s] : kNever;
      const int64_t skip = entry_base_ + entry_cost[s] + rates_.subblock[context_][0];
      const bool skipped = entry_cost[s] < kFar && skip < total[s];
      m_.skipped[sb_index][s] = skipped;
      if (skipped) {
        total[s] = skip;
        book[s] = entry_book[s];
      }
      if (total[s] < total[best]) best = s;
    }
    base_ = total[best];
    for (size_t s = 0; s < 4; ++s) {
      cost[s] = static_cast<int32_t>(std::min<int64_t>(total[s] - base_, kImpossible));
    }
    cost_ = hn::Load(d32, cost);
    book_ = hn::Load(d32, book);

    // The contexts of what follows are taken from the path that leads now.
    const BlockScan::Subblock &place = scan_.subblocks[sb_index];
    bool coded = false;
    if (!m_.skipped[sb_index][best]) {
      size_t s = best;
      const int first = sb << scan_.sb_shift;
      for (int i = first; i <= first + mask_ && s != kStart; ++i) {
        const uint32_t decision = m_.decisions[static_cast<size_t>(i)][s];
        const auto level = static_cast<int32_t>(decision & 0xffff);
        m_.field.at[scan_.positions[static_cast<size_t>(i)].field] = pack_level(level);
        coded = coded || level != 0;
        s = decision >> 16;
      }
    }
    m_.coded[static_cast<size_t>(place.y * 8 + place.x)] = coded;
  }

  const BlockScan &scan_;
  const int32_t *coefficients_;
  const QuantStep &step_;
  const TrellisRates &rates_;
  TrellisMemory &m_;
  const int mask_;
  const int32_t budget_;  // of context coded bins

  V32 cost_;
  V32 book_;
  V8 around_;  // flag sums at the next position
  int64_t base_ = 0;
  Candidates candidates_;
  Continuations even_;
  Continuations odd_;

  V32 entry_cost_;
  V32 entry_book_;
  int64_t entry_base_ = 0;
  size_t context_ = 0;
  bool several_ = false;
  size_t best_ = 0;
};

bool QuantizeBlock(const BlockScan &scan, const int32_t *coefficients, const QuantStep &step,
                   const TrellisRates &rates, TrellisMemory &memory, int start, int32_t *levels,
                   int64_t &cost) {
  Trellis trellis(scan, coefficients, step, rates, memory);
  cost = trellis.Run(start);
  trellis.Collect(levels);
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
  return index / 2 + 2 <= kMaxLevel && step.cost(2 * step.reconstruct(2)) <= kMaxStepCost;
}

}  // namespace

HWY_EXPORT(QuantizeBlock);

bool DepQuantizer::quantize(const int32_t *coefficients, int log2_w, int log2_h,
                            const QuantStep &step, const TrellisRates &rates, int32_t *levels,
                            int64_t &cost) {
  const BlockScan &scan = BlockScan::get(log2_w, log2_h);
  const int64_t start_threshold = step.reconstruct(5) / 4;
  int start = scan.count - 1;
  while (start >= 0 && std::abs(coefficients[scan.positions[static_cast<size_t>(start)].raster]) <=
                           start_threshold) {
    --start;
  }
  if (start < 0) return false;
  if (fits(step) && HWY_DYNAMIC_DISPATCH(QuantizeBlock)(scan, coefficients, step, rates, memory_,
                                                        start, levels, cost)) {
    return true;
  }
  return reference_.quantize(coefficients, log2_w, log2_h, step, rates, levels, cost);
}

}  // namespace feat::vvc

#endif
