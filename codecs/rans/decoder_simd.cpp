// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstring>

#include "codecs/rans/decoder_steps.h"
#include "codecs/rans/expand_indices.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/rans/decoder_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace feat::rans::HWY_NAMESPACE {

// Without gathers vectors gain nothing.
#if HWY_TARGET != HWY_AVX2 && HWY_TARGET > HWY_AVX3

bool DecodeSteps(const DecodeView &tables, const uint8_t *table_of, size_t count, ChunkState &chunk,
                 int32_t *values) {
  return scalar::decode_steps(tables, table_of, count, chunk, values);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// Puts the first lanes of `v` into those of the mask, in their order, and something else or nothing
// into the others.
template <class D>
HWY_INLINE hn::VFromD<D> Expand(D d, hn::VFromD<D> v, hn::MFromD<D> mask) {
#if HWY_TARGET <= HWY_AVX3
  if constexpr (hn::MaxLanes(D()) == 16)
    return hn::VFromD<D>{_mm512_maskz_expand_epi32(mask.raw, v.raw)};
  else
    return hn::VFromD<D>{_mm256_maskz_expand_epi32(mask.raw, v.raw)};
#else
  uint8_t bits[8];
  hn::StoreMaskBits(d, mask, bits);
  const hn::Rebind<uint8_t, D> d8;
  const auto indices = hn::PromoteTo(d, hn::LoadU(d8, kExpandIndices[bits[0]].data()));
  return hn::TableLookupLanes(v, hn::IndicesFromVec(d, indices));
#endif
}

// All lanes of a chunk in kVectors vectors.
template <size_t kLanes, size_t kVectors>
class Steps {
 public:
  Steps(const DecodeView &tables, ChunkState &chunk) : tables_(tables), chunk_(chunk) {
    for (size_t k = 0; k < kVectors; ++k)
      states_[k] = hn::LoadU(D(), chunk.states.data() + k * kLanes);
  }

  // `count` is a multiple of the lanes.
  template <bool kRaw>
  bool Run(const uint8_t *table_of, size_t count, int32_t *values) {
    const WordReader all = chunk_.words;
    // Vectors read words that are not theirs: the last ones are taken from where they may.
    uint8_t last[2 * kReadBytes] = {};
    bool at_end = false;
    const uint8_t *next = all.next;
    const uint8_t *end = all.end;
    for (size_t i = 0; i < count; i += kAll) {
      if (static_cast<size_t>(end - next) < kReadBytes && !at_end) {
        const auto left = static_cast<size_t>(end - next);
        if (left > 0) std::memcpy(last, next, left);
        next = last;
        end = last + left;
        at_end = true;
      }
      next = Step<kRaw>(table_of + i, next, end, values + i);
      if (next == nullptr) return false;
    }
    for (size_t k = 0; k < kVectors; ++k)
      hn::StoreU(states_[k], D(), chunk_.states.data() + k * kLanes);
    chunk_.words.next = all.end - (end - next);
    return true;
  }

 private:
  using D = hn::FixedTag<uint32_t, kLanes>;
  using DI = hn::RebindToSigned<D>;
  using V = hn::VFromD<D>;
  using VI = hn::VFromD<DI>;
  using M = hn::MFromD<D>;
  static constexpr size_t kAll = kLanes * kVectors;
  // A step reads a word for each lane twice, and a vector of them may be begun.
  static constexpr size_t kReadBytes = (2 * kAll + kLanes) * kWordBytes;

  HWY_INLINE static V Refill(V state, const uint8_t *HWY_RESTRICT &next) {
    const D d;
    const hn::Rebind<uint16_t, D> d16;
    const M empty = hn::Eq(hn::ShiftRight<16>(state), hn::Zero(d));
    const V words = hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const uint16_t *>(next)));
    next += kWordBytes * hn::CountTrue(d, empty);
    const V refilled = hn::Or(hn::ShiftLeft<16>(state), Expand(d, words, empty));
    return hn::IfThenElse(empty, refilled, state);
  }

  HWY_INLINE static V Symbols(const Bucket *buckets, V table, V &state) {
    const D d;
    const DI di;
    const V byte = hn::Set(d, 0xFF);
    const V index = hn::And(hn::ShiftRight<8>(state), byte);
    const V place = hn::And(state, byte);
    const VI at = hn::BitCast(di, hn::ShiftLeft<1>(hn::Or(hn::ShiftLeft<8>(table), index)));
    const auto *words = reinterpret_cast<const int32_t *>(buckets);
    const V head = hn::BitCast(d, hn::GatherIndex(di, words, at));
    const V frequencies = hn::BitCast(d, hn::GatherIndex(di, words + 1, at));
    const V threshold = hn::And(head, byte);
    const auto own = hn::RebindMask(d, hn::Gt(hn::BitCast(di, threshold), hn::BitCast(di, place)));
    const V alias = hn::And(hn::ShiftRight<8>(head), byte);
    const V alias_rank = hn::Add(hn::Sub(place, threshold), hn::ShiftRight<16>(head));
    const V rank = hn::IfThenElse(own, place, alias_rank);
    const V frequency = hn::IfThenElse(own, hn::And(frequencies, hn::Set(d, 0xFFFF)),
                                       hn::ShiftRight<16>(frequencies));
    state = hn::Add(hn::Mul(frequency, hn::ShiftRight<16>(state)), rank);
    return hn::IfThenElse(own, index, alias);
  }

  // Null: damaged.
  template <bool kRaw>
  HWY_INLINE const uint8_t *Step(const uint8_t *table_of, const uint8_t *HWY_RESTRICT next,
                                 const uint8_t *end, int32_t *values) {
    const D d;
    const DI di;
    const hn::Rebind<uint8_t, D> d8;
    V symbols[kVectors];
    VI infos[kVectors];
    M escaped[kVectors];
    M any;
    for (size_t k = 0; k < kVectors; ++k) {
      const V table = hn::PromoteTo(d, hn::LoadU(d8, table_of + k * kLanes));
      infos[k] = hn::GatherIndex(di, tables_.infos, hn::BitCast(di, table));
      symbols[k] = Symbols(tables_.buckets, table, states_[k]);
      escaped[k] = hn::Eq(symbols[k], hn::Set(d, kEscape));
      any = k == 0 ? escaped[k] : hn::Or(any, escaped[k]);
    }
    for (size_t k = 0; k < kVectors; ++k) states_[k] = Refill(states_[k], next);
    if constexpr (kRaw) RawBits(infos, escaped, symbols, next);
    for (size_t k = 0; k < kVectors; ++k) {
      const VI first = hn::ShiftRight<kInfoShift>(infos[k]);
      hn::StoreU(hn::Add(first, hn::BitCast(di, symbols[k])), di, values + k * kLanes);
    }
    if (HWY_UNLIKELY(next > end)) return nullptr;
    if (HWY_LIKELY(hn::AllFalse(d, any))) return next;
    return Escapes(table_of, escaped, next, end, values);
  }

  HWY_INLINE void RawBits(const VI *infos, const M *escaped, V *symbols,
                          const uint8_t *HWY_RESTRICT &next) {
    const D d;
    for (size_t k = 0; k < kVectors; ++k) {
      const V info = hn::And(hn::BitCast(d, infos[k]), hn::Set(d, kInfoMask));
      const V count = hn::IfThenZeroElse(escaped[k], info);
      if (hn::AllFalse(d, hn::Gt(count, hn::Zero(d)))) continue;
      const V lower = hn::Sub(hn::Shl(hn::Set(d, 1), count), hn::Set(d, 1));
      symbols[k] = hn::Or(hn::Shl(symbols[k], count), hn::And(states_[k], lower));
      states_[k] = Refill(hn::Shr(states_[k], count), next);
    }
  }

  const uint8_t *Escapes(const uint8_t *table_of, const M *escaped, const uint8_t *next,
                         const uint8_t *end, int32_t *values) {
    const D d;
    WordReader words{next, end, false};
    uint32_t states[kAll];
    for (size_t k = 0; k < kVectors; ++k) {
      hn::StoreU(states_[k], d, states + k * kLanes);
      uint8_t bits[8] = {};
      hn::StoreMaskBits(d, escaped[k], bits);
      for (size_t l = 0; l < kLanes; ++l) {
        if ((bits[l / 8] >> (l % 8) & 1) == 0) continue;
        const size_t lane = k * kLanes + l;
        values[lane] = decode_escape(tables_, table_of[lane], states[lane], words);
      }
      states_[k] = hn::LoadU(d, states + k * kLanes);
    }
    return words.failed ? nullptr : words.next;
  }

  const DecodeView &tables_;
  ChunkState &chunk_;
  V states_[kVectors];
};

template <size_t kLanes, size_t kVectors>
HWY_INLINE bool Whole(const DecodeView &tables, const uint8_t *table_of, size_t count,
                      ChunkState &chunk, int32_t *values) {
  Steps<kLanes, kVectors> steps(tables, chunk);
  return tables.raw ? steps.template Run<true>(table_of, count, values)
                    : steps.template Run<false>(table_of, count, values);
}

bool DecodeSteps(const DecodeView &tables, const uint8_t *table_of, size_t count, ChunkState &chunk,
                 int32_t *values) {
  size_t whole = count - count % static_cast<size_t>(chunk.lanes);
  bool right = true;
#if HWY_TARGET <= HWY_AVX3
  if (chunk.lanes == 32)
    right = Whole<16, 2>(tables, table_of, whole, chunk, values);
  else if (chunk.lanes == 16)
    right = Whole<16, 1>(tables, table_of, whole, chunk, values);
#else
  if (chunk.lanes == 32)
    right = Whole<8, 4>(tables, table_of, whole, chunk, values);
  else if (chunk.lanes == 16)
    right = Whole<8, 2>(tables, table_of, whole, chunk, values);
#endif
  else if (chunk.lanes == 8)
    right = Whole<8, 1>(tables, table_of, whole, chunk, values);
  else
    whole = 0;
  return right &&
         scalar::decode_steps(tables, table_of + whole, count - whole, chunk, values + whole);
}

#endif

}  // namespace feat::rans::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::rans {

HWY_EXPORT(DecodeSteps);

bool decode_steps(const DecodeView &tables, const uint8_t *table_of, size_t count,
                  ChunkState &chunk, int32_t *values) {
  return HWY_DYNAMIC_DISPATCH(DecodeSteps)(tables, table_of, count, chunk, values);
}

}  // namespace feat::rans

#endif
