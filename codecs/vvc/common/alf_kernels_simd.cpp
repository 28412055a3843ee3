// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/vvc/common/alf_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/common/alf_kernels_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void Gradients(const AlfCells &cells, int blocks, AlfGradients &gradients) {
  scalar::alf_gradients(cells, blocks, gradients);
}

void Classify(const AlfGradients *const *rows, int count, int weight, int bit_depth, int blocks,
              uint8_t *classes) {
  scalar::alf_classify(rows, count, weight, bit_depth, blocks, classes);
}

void FilterBlocks(const AlfBlocks &blocks) {
  scalar::alf_filter_blocks(blocks);
}

#else

// Plain loops over 16 bits, which compilers vectorise for the target.
HWY_INLINE int16_t Bend(int16_t twice, uint16_t a, uint16_t b) {
  const auto v = static_cast<int16_t>(twice - a - b);
  return static_cast<int16_t>(v < 0 ? -v : v);
}

void Gradients(const AlfCells &cells, int blocks, AlfGradients &gradients) {
  const uint16_t *row = cells.row - 2;
  const uint16_t *below = row + cells.stride;
  const uint16_t *above = cells.see_above ? row - cells.stride : row;
  const uint16_t *below2 = cells.see_below ? below + cells.stride : below;
  int16_t g[AlfGradients::kDirections][4 * kAlfMaxBlocks + 4];
  for (int i = 0; i < 4 * blocks + 3; ++i) {
    const auto p = static_cast<int16_t>(2 * row[i]);
    const auto q = static_cast<int16_t>(2 * below[i + 1]);
    g[AlfGradients::kVertical][i] =
        static_cast<int16_t>(Bend(p, above[i], below[i]) + Bend(q, row[i + 1], below2[i + 1]));
    g[AlfGradients::kHorizontal][i] =
        static_cast<int16_t>(Bend(p, row[i - 1], row[i + 1]) + Bend(q, below[i], below[i + 2]));
    g[AlfGradients::kFalling][i] =
        static_cast<int16_t>(Bend(p, above[i - 1], below[i + 1]) + Bend(q, row[i], below2[i + 2]));
    g[AlfGradients::kRising][i] =
        static_cast<int16_t>(Bend(p, above[i + 1], below[i - 1]) + Bend(q, row[i + 2], below2[i]));
  }
  for (int d = 0; d < AlfGradients::kDirections; ++d) {
    const int16_t *at = g[d];
    for (int b = 0; b < blocks; ++b, at += 4) {
      // The analyzer does not follow the loop above to its end.
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
      gradients.sum[d][b] = static_cast<uint16_t>(at[0] + at[2] + at[4] + at[6]);
    }
  }
}

void Classify(const AlfGradients *const *rows, int count, int weight, int bit_depth, int blocks,
              uint8_t *classes) {
  const hn::CappedTag<int32_t, 8> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Rebind<uint16_t, decltype(d)> d16;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  using V = hn::VFromD<decltype(d)>;
  const auto one = hn::Set(d, 1);
  // 1 where the condition holds.
  const auto is = [&](auto mask) HWY_ATTR { return hn::IfThenElseZero(mask, one); };
  // Products of two sums of 16 bits.
  const auto product = [&](V a, V b)
                           HWY_ATTR { return hn::Mul(hn::BitCast(du, a), hn::BitCast(du, b)); };
  for (int b = 0; b < blocks; b += static_cast<int>(hn::MaxLanes(d))) {
    V sum[AlfGradients::kDirections];
    for (int i = 0; i < AlfGradients::kDirections; ++i) {
      sum[i] = hn::Zero(d);
      for (int r = 0; r < count; ++r) {
        sum[i] = hn::Add(sum[i], hn::PromoteTo(d, hn::LoadU(d16, rows[r]->sum[i] + b)));
      }
    }
    const V vertical = sum[AlfGradients::kVertical];
    const V horizontal = sum[AlfGradients::kHorizontal];
    const V falling = sum[AlfGradients::kFalling];
    const V rising = sum[AlfGradients::kRising];
    const V activity = hn::ShiftRightSame(
        hn::Mul(hn::Add(vertical, horizontal), hn::Set(d, weight)), bit_depth + 4);
    const V straight1 = hn::Max(vertical, horizontal);
    const V straight0 = hn::Min(vertical, horizontal);
    const V diagonal1 = hn::Max(falling, rising);
    const V diagonal0 = hn::Min(falling, rising);
    const auto diagonal =
        hn::RebindMask(d, hn::Gt(product(diagonal1, straight0), product(straight1, diagonal0)));
    const V strong = hn::IfThenElse(diagonal, diagonal1, straight1);
    const V weak = hn::IfThenElse(diagonal, diagonal0, straight0);
    const V twice = hn::Add(strong, strong);
    const auto some = hn::Gt(strong, hn::Add(weak, weak));
    const auto much = hn::Gt(twice, hn::Add(hn::ShiftLeft<3>(weak), weak));
    // Of 25 classes five for every kind and strength of direction.
    const V direction =
        hn::Add(hn::Add(is(some), is(much)),
                hn::IfThenElseZero(some, hn::IfThenElse(diagonal, hn::Zero(d), hn::Set(d, 2))));
    V index = hn::Add(hn::ShiftLeft<2>(direction), direction);
    for (const int step : {0, 1, 6, 14}) {
      index = hn::Add(index, is(hn::Gt(activity, hn::Set(d, step))));
    }
    const V upright =
        hn::Add(is(hn::Gt(vertical, horizontal)), hn::ShiftLeft<1>(is(hn::Gt(falling, rising))));
    const V turned = hn::Sub(hn::Set(d, kAlfTransposed - 1), upright);
    hn::StoreU(hn::DemoteTo(d8, hn::Add(hn::ShiftLeft<2>(index), turned)), d8, classes + b);
  }
}

// One 128-bit vector for each pair of blocks, from(i) for block 2 i.
template <class D16, class From>
HWY_INLINE hn::VFromD<D16> LoadEach(D16 d, const From &from) {
  const hn::FixedTag<int16_t, 8> block;
  if constexpr (hn::MaxLanes(D16()) == 16) {
    return hn::Combine(d, hn::Load(block, from(2)), hn::Load(block, from(0)));
  } else {
    return hn::Load(block, from(0));
  }
}

// The taps of the blocks that a vector of samples covers.
template <class D16, bool clip>
struct TapVectors {
  using V = hn::VFromD<D16>;
  static constexpr int kPairs = AlfTaps::kCount / 2;

  V even[kPairs];  // for the first block of two, tap 2 i and 2 i + 1 in every 32 bits
  V odd[kPairs];   // for the second
  V limit[AlfTaps::kCount];

  HWY_INLINE TapVectors(D16 d, const AlfTaps *const *taps) {
    const auto weights = [&](int block, int at) HWY_ATTR {
      return LoadEach(d, [&](int b) { return taps[b + block]->weight + at; });
    };
    SetPairs(weights(0, 0), weights(0, 8), even);
    SetPairs(weights(1, 0), weights(1, 8), odd);
    if constexpr (clip) {
      const hn::RepartitionToWide<hn::RepartitionToWide<D16>> d64;
      const auto limits = [&](int block, int at) HWY_ATTR {
        return hn::BitCast(d64, LoadEach(d, [&](int b) { return taps[b + block]->limit + at; }));
      };
      const auto first = limits(0, 0);
      const auto second = limits(1, 0);
      SetLimits(d, hn::BitCast(d, hn::InterleaveLower(d64, first, second)), limit);
      SetLimits(d, hn::BitCast(d, hn::InterleaveUpper(d64, first, second)), limit + 4);
      SetLimits(d, hn::BitCast(d, hn::InterleaveLower(d64, limits(0, 8), limits(1, 8))), limit + 8);
    }
  }

 private:
  template <int lane>
  static HWY_INLINE V Pair(V v) {
    const hn::RepartitionToWide<D16> d32;
    return hn::BitCast(D16(), hn::Broadcast<lane>(hn::BitCast(d32, v)));
  }

  static HWY_INLINE void SetPairs(V first, V last, V (&pairs)[kPairs]) {
    pairs[0] = Pair<0>(first);
    pairs[1] = Pair<1>(first);
    pairs[2] = Pair<2>(first);
    pairs[3] = Pair<3>(first);
    pairs[4] = Pair<0>(last);
    pairs[5] = Pair<1>(last);
  }

  // From four limits of the first block and four of the second.
  static HWY_INLINE void SetLimits(D16 d, V limits, V *out) {
    const hn::Repartition<uint8_t, D16> bytes;
    for (int k = 0; k < 4; ++k) {
      const auto i = static_cast<uint8_t>(2 * k);
      const auto a = static_cast<uint8_t>(i + 1);
      const auto j = static_cast<uint8_t>(i + 8);
      const auto b = static_cast<uint8_t>(i + 9);
      alignas(16) const uint8_t from[16] = {i, a, i, a, i, a, i, a, j, b, j, b, j, b, j, b};
      out[k] = hn::TableLookupBytes(limits, hn::BitCast(d, hn::LoadDup128(bytes, from)));
    }
  }
};

template <bool clip, class D16>
HWY_INLINE void FilterColumns(D16 d, const AlfBlocks &a, int block) {
  using V = hn::VFromD<D16>;
  const hn::RebindToUnsigned<D16> du;
  const hn::RepartitionToWide<D16> d32;
  const TapVectors<D16, clip> taps(d, a.taps + block);
  const V max = hn::Set(d, static_cast<int16_t>((1 << a.bit_depth) - 1));
  for (int y = 0; y < 4; ++y) {
    const uint16_t *from = a.from + y * a.from_stride + 4 * block;
    const int shift = a.reach[y] == 0 ? 10 : 7;
    const V v = hn::BitCast(d, hn::LoadU(du, from));
    // What tap k and its partner differ from the sample.
    const auto difference = [&](int k) HWY_ATTR {
      const ptrdiff_t offset = AlfTaps::offset(k, a.reach[y], a.from_stride);
      const V one = hn::Sub(hn::BitCast(d, hn::LoadU(du, from + offset)), v);
      const V other = hn::Sub(hn::BitCast(d, hn::LoadU(du, from - offset)), v);
      if constexpr (!clip) return hn::Add(one, other);
      const V limit = taps.limit[k];
      const V below = hn::Neg(limit);
      return hn::Add(hn::Min(hn::Max(one, below), limit), hn::Min(hn::Max(other, below), limit));
    };
    auto lower = hn::Set(d32, 1 << (shift - 1));
    auto upper = lower;
    for (int i = 0; i < AlfTaps::kCount / 2; ++i) {
      const V first = difference(2 * i);
      const V second = difference(2 * i + 1);
      lower = MulAddPairs(d32, hn::InterleaveLower(d, first, second), taps.even[i], lower);
      upper = MulAddPairs(d32, hn::InterleaveUpper(d, first, second), taps.odd[i], upper);
    }
    // Undoes the interleaving.
    const V change =
        hn::ReorderDemote2To(d, hn::ShiftRightSame(lower, shift), hn::ShiftRightSame(upper, shift));
    const V sum = hn::Min(hn::Max(hn::Add(v, change), hn::Zero(d)), max);
    hn::StoreU(hn::BitCast(du, sum), du, a.to + y * a.to_stride + 4 * block);
  }
}

template <bool clip>
HWY_INLINE void FilterRow(const AlfBlocks &a) {
  const hn::CappedTag<int16_t, 16> wide;
  const hn::FixedTag<int16_t, 8> narrow;
  constexpr int kBlocks = static_cast<int>(hn::MaxLanes(wide)) / 4;
  int block = 0;
  for (; block + kBlocks <= a.blocks; block += kBlocks) FilterColumns<clip>(wide, a, block);
  for (; block + 2 <= a.blocks; block += 2) FilterColumns<clip>(narrow, a, block);
  if (block == a.blocks) return;
  AlfBlocks last = a;
  last.from += 4 * block;
  last.to += 4 * block;
  last.taps += block;
  last.blocks = 1;
  scalar::alf_filter_blocks(last);
}

void FilterBlocks(const AlfBlocks &blocks) {
  if (blocks.clip) {
    FilterRow<true>(blocks);
  } else {
    FilterRow<false>(blocks);
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(Gradients);
HWY_EXPORT(Classify);
HWY_EXPORT(FilterBlocks);

void alf_gradients(const AlfCells &cells, int blocks, AlfGradients &gradients) {
  HWY_DYNAMIC_DISPATCH(Gradients)(cells, blocks, gradients);
}

void alf_classify(const AlfGradients *const *rows, int count, int weight, int bit_depth, int blocks,
                  uint8_t *classes) {
  HWY_DYNAMIC_DISPATCH(Classify)(rows, count, weight, bit_depth, blocks, classes);
}

void alf_filter_blocks(const AlfBlocks &blocks) {
  HWY_DYNAMIC_DISPATCH(FilterBlocks)(blocks);
}

}  // namespace feat::vvc

#endif
