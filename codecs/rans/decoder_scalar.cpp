// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <bit>

#include "codecs/rans/decode_lane.h"
#include "codecs/rans/decoder_steps.h"

namespace feat::rans {

namespace {

// Raw bits and escapes of `count` lanes, whose symbols are in `values`.
void finish_step(const DecodeView &tables, const uint8_t *table_of, size_t count, ChunkState &chunk,
                 int32_t *values) {
  uint32_t escapes = 0;
  for (size_t l = 0; l < count; ++l) {
    const auto symbol = static_cast<uint32_t>(values[l]);
    if (symbol == kEscape) {
      escapes |= 1U << l;
      continue;
    }
    const int32_t info = tables.infos[table_of[l]];
    const int raw_bits = info & kInfoMask;
    const uint32_t raw = raw_bits > 0 ? chunk.words.take_bits(chunk.states[l], raw_bits) : 0;
    values[l] = (info >> kInfoShift) + static_cast<int32_t>(symbol << raw_bits | raw);
  }
  for (; escapes != 0; escapes &= escapes - 1) {
    const int l = std::countr_zero(escapes);
    values[l] = decode_escape(tables, table_of[l], chunk.states[l], chunk.words);
  }
}

}  // namespace

int32_t decode_escape(const DecodeView &tables, size_t table, uint32_t &state, WordReader &words) {
  return read_escape(tables, table, state, words);
}

namespace scalar {

bool decode_steps(const DecodeView &tables, const uint8_t *table_of, size_t count,
                  ChunkState &chunk, int32_t *values) {
  const auto lanes = static_cast<size_t>(chunk.lanes);
  for (size_t i = 0; i < count && !chunk.words.failed; i += lanes) {
    const size_t present = std::min(lanes, count - i);
    bool more = tables.raw;
    for (size_t l = 0; l < present; ++l) {
      const size_t table = table_of[i + l];
      uint32_t &state = chunk.states[l];
      const uint32_t symbol = decode_symbol(tables.buckets + table * kBuckets, state);
      chunk.words.refill(state);
      more |= symbol == kEscape;
      values[i + l] = static_cast<int32_t>(symbol);
    }
    if (more) {
      finish_step(tables, table_of + i, present, chunk, values + i);
      continue;
    }
    for (size_t l = 0; l < present; ++l)
      values[i + l] += tables.infos[table_of[i + l]] >> kInfoShift;
  }
  return !chunk.words.failed;
}

}  // namespace scalar

}  // namespace feat::rans
