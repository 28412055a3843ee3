// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Alias tables: which symbol a slot belongs to, without a search. The 2^16 slots are 256 buckets of
// 256 slots; each holds slots of its own symbol, and behind them those of one other.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace feat::rans {

inline constexpr int kBuckets = 256;
inline constexpr uint32_t kBucketSlots = 256;

// As decoders read it: two words of 32 bits, which a GPU loads as one.
struct alignas(8) Bucket {
  uint8_t threshold = 0;   // slots of its own symbol, whose number is that of the bucket
  uint8_t alias = 0;       // the other symbol
  uint16_t base = 0;       // the rank of the other symbol's first slot here
  uint16_t frequency = 0;  // of its own symbol
  uint16_t alias_frequency = 0;
};
static_assert(sizeof(Bucket) == 8);

// From `slot` on, slots are ranks of a symbol in their order, to where the next run begins.
struct Run {
  int symbol = 0;
  uint32_t rank = 0;
  uint32_t slot = 0;
};

struct AliasTable {
  std::array<Bucket, kBuckets> buckets;
  std::vector<Run> runs;
};

// Frequencies that add up to 2^16; there may be zeros.
AliasTable build_alias_table(const std::array<uint16_t, kBuckets> &frequencies);

}  // namespace feat::rans
