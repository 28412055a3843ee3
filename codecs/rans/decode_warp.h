// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Decodes one chunk with a group of 32 threads, one for each lane: a warp of a GPU, or what stands
// for it (serial_group.h).
#pragma once

#include <bit>
#include <cstdint>

#include "codecs/rans/decode_lane.h"
#include "codecs/rans/warp_job.h"

namespace feat::rans {

// The bits below one's own are lanes that take their word before.
FEATURE_HD inline int rank_in(uint32_t mask, int lane) {
  return std::popcount(mask & ((uint32_t{1} << lane) - 1));
}

// Refills all lanes that need it.
template <class Group, class States>
FEATURE_HD void refill_lanes(const Group &group, States &states, WordReader &words) {
  const uint32_t needy = group.ballot([&](int lane) { return states[lane] < kLowest; });
  if (needy == 0) return;
  const uint64_t left = words.left();
  group.each([&](int lane) {
    if (states[lane] >= kLowest) return;
    const int rank = rank_in(needy, lane);
    uint32_t word = 0;  // behind the end
    if (static_cast<uint64_t>(rank) < left) {
      const uint8_t *at = words.next + static_cast<size_t>(rank) * kWordBytes;
      word = load_word(at);
    }
    states[lane] = states[lane] << 16 | word;
  });
  const auto wanted = static_cast<uint64_t>(std::popcount(needy));
  if (wanted > left) {
    words.failed = true;
    words.next = words.end;
  } else {
    words.next += wanted * kWordBytes;
  }
}

// Whether the chunk is undamaged; if not, the values are whatever they are.
template <class Group>
FEATURE_HD bool decode_chunk(const Group &group, DecodeView tables, TableOf table_of,
                             CodedChunk chunk, int lanes, int32_t *values) {
  typename Group::template PerThread<uint32_t> states;
  typename Group::template PerThread<uint32_t> table;
  typename Group::template PerThread<uint32_t> next_table;  // memory is slow: two steps ahead
  typename Group::template PerThread<uint32_t> second_table;
  typename Group::template PerThread<uint32_t> symbol;
  const auto step = static_cast<uint64_t>(lanes);
  const auto table_at = [&](int lane, uint64_t i) {
    const uint64_t at = i + static_cast<uint64_t>(lane);
    return lane < lanes && at < chunk.count ? table_of(chunk.first + at) : 0U;
  };
  group.each([&](int lane) {
    states[lane] = lane < lanes ? load_state(chunk.bytes + lane * kStateBytes) : kLowest;
    next_table[lane] = table_at(lane, 0);
    second_table[lane] = table_at(lane, step);
  });
  const uint8_t *begin = chunk.bytes + static_cast<size_t>(lanes) * kStateBytes;
  WordReader words = {begin, begin + chunk.words * kWordBytes, false};
  for (uint64_t i = 0; i < chunk.count && !words.failed; i += step) {
    const uint64_t rest = chunk.count - i;
    const int present = rest < step ? static_cast<int>(rest) : lanes;
    int32_t *out = values + chunk.first + i;
    group.each([&](int lane) {
      table[lane] = next_table[lane];
      next_table[lane] = second_table[lane];
      second_table[lane] = table_at(lane, i + 2 * step);
      symbol[lane] = 0;
      if (lane < present)
        symbol[lane] = decode_symbol(tables.buckets + table[lane] * kBuckets, states[lane]);
    });
    refill_lanes(group, states, words);
    uint32_t escapes =
        group.ballot([&](int lane) { return lane < present && symbol[lane] == kEscape; });
    group.each([&](int lane) {
      if (lane >= present || symbol[lane] == kEscape) return;
      const int32_t info = tables.infos[table[lane]];
      const int raw_bits = info & kInfoMask;
      const uint32_t raw = states[lane] & ((1U << raw_bits) - 1);
      states[lane] >>= raw_bits;
      out[lane] = (info >> kInfoShift) + static_cast<int32_t>(symbol[lane] << raw_bits | raw);
    });
    if (tables.raw) refill_lanes(group, states, words);
    // One after the other: all threads follow the one lane.
    for (; escapes != 0; escapes &= escapes - 1) {
      const int who = std::countr_zero(escapes);
      uint32_t state = group.from(states, who);
      const int32_t value = read_escape(tables, group.from(table, who), state, words);
      group.each([&](int lane) {
        if (lane != who) return;
        states[lane] = state;
        out[lane] = value;
      });
    }
  }
  const uint32_t off = group.ballot([&](int lane) { return states[lane] != kLowest; });
  return off == 0 && !words.failed && words.next == words.end;
}

}  // namespace feat::rans
