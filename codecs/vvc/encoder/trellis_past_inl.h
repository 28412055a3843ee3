// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the paths of the trellis have left in the sub-blocks behind them: a sub-block's levels are
// kept once for each state that its paths ended in, and every state's path knows which are its own.
#if defined(FEAT_VVC_ENCODER_TRELLIS_PAST_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef FEAT_VVC_ENCODER_TRELLIS_PAST_INL_H
#undef FEAT_VVC_ENCODER_TRELLIS_PAST_INL_H
#else
#define FEAT_VVC_ENCODER_TRELLIS_PAST_INL_H
#endif

#include <vector>

#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/encoder/block_scan.h"
#include "codecs/vvc/encoder/trellis.h"
#include "codecs/vvc/encoder/trellis_step.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

using trellis::kNoPath;

// Repeats the states' bytes as indices that pick one of four bytes in every four.
template <class D>
HWY_INLINE hn::VFromD<D> InEveryFour(D d, uint32_t states) {
  alignas(16) static constexpr uint8_t kFours[16] = {0, 0, 0, 0, 4,  4,  4,  4,
                                                     8, 8, 8, 8, 12, 12, 12, 12};
  const hn::Repartition<uint32_t, D> d32;
  return hn::Or(hn::BitCast(d, hn::Set(d32, states)), hn::LoadDup128(d, kFours));
}

// Adds what a sub-block sees of its neighbour `sb`. Returns, with the high bits of the states'
// bytes, whose paths have no level there.
HWY_INLINE uint32_t LookAt(const std::vector<BlockScan::Outlook> &outlook, size_t sb,
                           const TrellisMemory &m, TrellisMemory::Pairs &sums) {
  const hn::CappedTag<uint8_t, 64> d;
  const hn::Repartition<uint64_t, decltype(d)> d64;
  const uint32_t owners = m.owners[sb];
  if (owners == kNoPath) return kNoPath;
  const auto picks = InEveryFour(d, owners);
  alignas(64) TrellisMemory::Pairs seen;
  for (size_t k = 0; k < seen.size(); k += hn::Lanes(d64)) {
    const auto levels = hn::BitCast(d, hn::Load(d64, m.kept[sb].data() + k));
    hn::Store(hn::BitCast(d64, hn::TableLookupBytesOr0(levels, picks)), d64, seen.data() + k);
  }
  for (const BlockScan::Outlook &o : outlook) sums[o.at] += seen[o.seen];
  return owners & kNoPath;
}

// Fills the sums of sub-block `sb` with the levels of others. Returns, with the high bits of the
// states' bytes, whose paths have no levels on the right and below.
HWY_INLINE uint32_t LookAround(const BlockScan &scan, size_t sb, TrellisMemory &m) {
  const hn::FixedTag<uint32_t, 4> d;
  const hn::FixedTag<uint64_t, 2> d64;
  const auto &next = scan.subblocks[sb].next;
  alignas(64) TrellisMemory::Pairs sums{};
  const uint32_t beside =
      LookAt(scan.outlooks[0], next[0], m, sums) & LookAt(scan.outlooks[1], next[1], m, sums);
  LookAt(scan.outlooks[2], next[2], m, sums);
  const hn::Repartition<uint8_t, decltype(d)> d8;
  for (size_t k = 0; k < sums.size(); k += 4) {
    const auto a = hn::BitCast(d, hn::Load(d64, &sums[k]));
    const auto b = hn::BitCast(d, hn::Load(d64, &sums[k + 2]));
    hn::Store(hn::BitCast(d8, hn::ConcatEven(d, b, a)), d8, m.flags[k].data());
    hn::Store(hn::BitCast(d8, hn::ConcatOdd(d, b, a)), d8, m.whole[k].data());
  }
  return beside;
}

// Keeps the levels of the paths through the first `count` positions of sub-block `sb`. Returns
// the states that they came from.
HWY_INLINE uint32_t KeepLevels(size_t sb, size_t count, TrellisMemory &m) {
  alignas(16) static constexpr uint8_t kStates[16] = {0, 1, 2, 3, 0, 1, 2, 3,
                                                      0, 1, 2, 3, 0, 1, 2, 3};
  // Of a state's 32 bits: the bytes of PackedLevels.
  alignas(16) static constexpr uint8_t kBytes[16] = {0, 0, 0, 0, 1, 1, 1, 1,
                                                     0, 0, 0, 0, 1, 1, 1, 1};
  const hn::FixedTag<uint8_t, 16> d;
  const hn::FixedTag<uint32_t, 4> d32;
  const hn::FixedTag<uint64_t, 2> d64;
  const auto bytes = hn::Load(d, kBytes);
  const auto start = hn::Set(d, trellis::kStart);
  auto state = hn::Load(d, kStates);
  TrellisMemory::Pairs &kept = m.kept[sb];
  if (count < kept.size()) kept.fill(0);
  for (size_t k = 0; k < count; ++k) {
    const size_t i = sb * kept.size() + k;
    const auto twice = hn::SaturatedAdd(state, state);
    const auto at = hn::Or(hn::SaturatedAdd(twice, twice), bytes);
    const auto levels =
        hn::TableLookupBytesOr0(hn::BitCast(d, hn::Load(d32, m.packed[i].data())), at);
    kept[k] = hn::GetLane(hn::BitCast(d64, levels));
    const auto from = hn::BitCast(d, hn::Set(d32, m.from[i]));
    state = hn::Or(hn::TableLookupBytesOr0(from, state), hn::And(state, start));
  }
  return hn::GetLane(hn::BitCast(d32, state));
}

// The paths of sub-block `sb` go on from those that ended in the states `from`; `own` tells the
// states whose levels they have in this sub-block.
HWY_INLINE void TakeOver(size_t sb, uint32_t from, uint32_t own, TrellisMemory &m) {
  const hn::FixedTag<uint8_t, 16> d;
  const hn::FixedTag<uint32_t, 4> d32;
  const auto start = hn::Set(d, trellis::kStart);
  const auto picks = InEveryFour(d, from);
  const auto none = hn::And(picks, start);
  for (size_t k = (sb + 1) & ~size_t{3}; k <= m.first_subblock; k += 4) {
    const auto owners = hn::BitCast(d, hn::Load(d32, &m.owners[k]));
    const auto taken = hn::Or(hn::TableLookupBytesOr0(owners, picks), none);
    hn::Store(hn::BitCast(d32, taken), d32, &m.owners[k]);
  }
  m.owners[sb] = own;
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
