// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Decoding what one lane has, on a CPU or a GPU.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/common/host_device.h"
#include "codecs/rans/rans.h"
#include "codecs/rans/state.h"
#include "codecs/rans/tables.h"

namespace feat::rans {

FEATURE_HD inline Bucket load_bucket(const Bucket *at) {
#ifdef __CUDA_ARCH__
  // One load, where the compiler would have one for each field.
  const uint2 both = *reinterpret_cast<const uint2 *>(at);
  Bucket bucket;
  bucket.threshold = static_cast<uint8_t>(both.x);
  bucket.alias = static_cast<uint8_t>(both.x >> 8);
  bucket.base = static_cast<uint16_t>(both.x >> 16);
  bucket.frequency = static_cast<uint16_t>(both.y);
  bucket.alias_frequency = static_cast<uint16_t>(both.y >> 16);
  return bucket;
#else
  return *at;
#endif
}

// Phase 1 without refilling.
FEATURE_HD inline uint32_t decode_symbol(const Bucket *buckets, uint32_t &state) {
  const uint32_t index = state >> 8 & (kBuckets - 1);
  const uint32_t place = state & (kBucketSlots - 1);
  const Bucket bucket = load_bucket(buckets + index);
  const bool own = place < bucket.threshold;
  const uint32_t rank = own ? place : bucket.base + place - bucket.threshold;
  state = (own ? bucket.frequency : bucket.alias_frequency) * (state >> 16) + rank;
  return own ? index : bucket.alias;
}

// The value of an escape that has just been read from `state`. Outside of -kMaxValue to kMaxValue
// words.failed is set.
FEATURE_HD inline int32_t read_escape(const DecodeView &tables, size_t table, uint32_t &state,
                                      WordReader &words) {
  const bool below = words.take_bits(state, 1) != 0;
  int rest = 0;  // bits below the highest one
  while (words.take_bits(state, 1) == 0) {
    if (++rest == kMaxDistanceWidth || words.failed) {
      words.failed = true;
      return 0;
    }
  }
  uint32_t distance = 1;
  while (rest > 0) {
    const int part = rest < kMaxUniformBits ? rest : kMaxUniformBits;
    distance = distance << part | words.take_bits(state, part);
    rest -= part;
  }
  const auto steps = static_cast<int32_t>(distance);
  const int32_t value =
      below ? (tables.infos[table] >> kInfoShift) - steps : tables.ends[table] - 1 + steps;
  words.failed |= value < -kMaxValue || value > kMaxValue;
  return value;
}

}  // namespace feat::rans
