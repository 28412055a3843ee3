// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Distributions as encoders and decoders use them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/common/host_device.h"
#include "codecs/rans/alias.h"
#include "codecs/rans/rans.h"

namespace feat::rans {

// The escape is in the last bucket, whatever its number among the symbols: one comparison with a
// constant finds it in any table.
inline constexpr uint32_t kEscape = kBuckets - 1;

// The fields of a table that every value needs, in one word: the first value, and the raw bits
// below it.
inline constexpr int kInfoShift = 4;
inline constexpr int32_t kInfoMask = (1 << kInfoShift) - 1;

// What decoders look at.
struct DecodeView {
  const Bucket *buckets = nullptr;  // kBuckets for each table
  const int32_t *infos = nullptr;
  const int32_t *ends = nullptr;  // one behind the last value that has a symbol
  bool raw = false;               // there are raw bits
};

// A value as it is coded.
struct CodedSymbol {
  uint32_t symbol = 0;    // its bucket
  uint32_t raw = 0;       // the raw bits, of those that have any
  bool below = false;     // of escapes: which side
  uint32_t distance = 0;  // of escapes: from the nearest value that has a symbol
};

// What encoders look at, one for each table.
struct EncodeTable {
  struct Symbol {
    uint16_t frequency = 0;
    uint16_t start = 0;  // sum of the frequencies before it
    uint32_t cost = 0;   // with raw bits, in 2^-kCostShift bits
  };
  // Where a symbol's ranks, which begin at `start`, go: a run of them becomes slots in a row.
  struct Segment {
    uint32_t begin = 0;
    uint32_t shift = 0;  // what is added
  };
  static constexpr int kCostShift = 16;

  int32_t first = 0;
  uint32_t reach = 0;  // values that have a symbol
  int raw_bits = 0;
  std::array<Symbol, kBuckets> symbols;
  std::array<uint16_t, 256> hints;  // the segment of each 256th place
  std::array<Segment, 2 * kBuckets + 1> segments;

  // Finds the symbol of a value.
  FEATURE_HD CodedSymbol classify(int32_t value) const {
    const uint32_t offset = static_cast<uint32_t>(value) - static_cast<uint32_t>(first);
    if (offset < reach) return {offset >> raw_bits, offset & ((1U << raw_bits) - 1), false, 0};
    const bool below = value < first;
    return {kEscape, 0, below, below ? 0U - offset : offset - reach + 1};
  }
  FEATURE_HD uint32_t slot(const Symbol &symbol, uint32_t rank) const {
    const uint32_t place = symbol.start + rank;
    size_t i = hints[place >> 8];
    // Most often it is this segment or the next one, as chance will have it: no branch.
    i += segments[i + 1].begin <= place;
    while (segments[i + 1].begin <= place) ++i;
    return (place + segments[i].shift) & 0xFFFF;
  }
};

class CodingTables final : public Tables {
 public:
  void add(const Distribution &distribution);

  int count() const override { return static_cast<int>(encode_.size()); }
  double bits(int table, int32_t value) const override;
  DecodeView decode_view() const;
  const EncodeTable *encode_tables() const { return encode_.data(); }

 private:
  std::vector<Bucket> buckets_;
  std::vector<int32_t> infos_;
  std::vector<int32_t> ends_;
  std::vector<EncodeTable> encode_;
  bool raw_ = false;
};

// Bits of the Elias-gamma code of `distance` and of the sign.
FEATURE_HD inline int escape_bits(uint32_t distance) {
  return 2 * std::bit_width(distance);
}

}  // namespace feat::rans
