// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Encodes one chunk with a group of 32 threads, one for each lane: a warp of a GPU, or what stands
// for it (serial_group.h). All are in the inverse order of decode_warp.h.
#pragma once

#include <bit>
#include <cstdint>

#include "codecs/rans/encode_lane.h"
#include "codecs/rans/warp_job.h"

namespace feat::rans {

// Writes words backwards; all threads of a group have the same one. There is room.
struct BackwardWords {
  uint16_t *next = nullptr;  // the last word that is written

  FEATURE_HD void put(uint16_t word) { *--next = word; }
};

// Puts out the lower half of the states of lanes that `full` names, the last lane first.
template <class Group, class States, class Full>
FEATURE_HD void put_halves(const Group &group, States &states, BackwardWords &words,
                           const Full &full) {
  const uint32_t mask = group.ballot(full);
  if (mask == 0) return;
  group.each([&](int lane) {
    if ((mask >> lane & 1) == 0) return;
    const int before = std::popcount(mask >> lane) - 1;  // lanes above it
    *(words.next - 1 - before) = static_cast<uint16_t>(states[lane]);
    states[lane] >>= 16;
  });
  words.next -= std::popcount(mask);
}

// The least room that a chunk's encoding goes on with.
inline constexpr uint64_t kStepWords = kMaxLanes * kMaxWordsPerValue;

// Encodes values whose tables and ranges are right. Returns the number of words, or -1: the room is
// too small. `final_states` are those of the lanes.
template <class Group>
FEATURE_HD int64_t encode_chunk(const Group &group, const EncodeTable *tables, TableOf table_of,
                                const int32_t *values, ChunkRoom room, int lanes, uint16_t *buffer,
                                uint32_t *final_states) {
  typename Group::template PerThread<uint32_t> states;
  typename Group::template PerThread<CodedSymbol> coded;
  typename Group::template PerThread<uint32_t> distance;
  typename Group::template PerThread<const EncodeTable *> table;
  const auto step = static_cast<uint64_t>(lanes);
  uint16_t *const begin = buffer + room.words_begin;
  uint16_t *const end = buffer + room.words_end;
  BackwardWords words = {end};
  group.each([&](int lane) { states[lane] = kLowest; });
  for (uint64_t i = (room.count + step - 1) / step * step; i > 0; i -= step) {
    if (static_cast<uint64_t>(words.next - begin) < kStepWords) return -1;
    const uint64_t from = i - step;
    const uint64_t rest = room.count - from;
    const int present = rest < step ? static_cast<int>(rest) : lanes;
    group.each([&](int lane) {
      if (lane >= present) return;
      const uint64_t at = room.first + from + static_cast<uint64_t>(lane);
      table[lane] = tables + table_of(at);
      coded[lane] = table[lane]->classify(values[at]);
      distance[lane] = coded[lane].distance;
    });
    uint32_t escapes =
        group.ballot([&](int lane) { return lane < present && coded[lane].symbol == kEscape; });
    const uint32_t raw = group.ballot([&](int lane) {
      return lane < present && coded[lane].symbol != kEscape && table[lane]->raw_bits > 0;
    });
    const uint32_t below = group.ballot([&](int lane) { return coded[lane].below; });
    // One after the other: all threads follow the one lane, and write the same.
    while (escapes != 0) {
      const int who = std::bit_width(escapes) - 1;
      escapes ^= uint32_t{1} << who;
      uint32_t state = group.from(states, who);
      CodedSymbol symbol;
      symbol.symbol = kEscape;
      symbol.below = (below >> who & 1) != 0;
      symbol.distance = group.from(distance, who);
      put_escape(state, symbol, words);
      group.each([&](int lane) {
        if (lane == who) states[lane] = state;
      });
    }
    if (raw != 0) {
      put_halves(group, states, words, [&](int lane) {
        return (raw >> lane & 1) != 0 && full_for_bits(states[lane], table[lane]->raw_bits);
      });
      group.each([&](int lane) {
        if ((raw >> lane & 1) != 0)
          states[lane] = states[lane] << table[lane]->raw_bits | coded[lane].raw;
      });
    }
    put_halves(group, states, words, [&](int lane) {
      return lane < present &&
             full_for_symbol(states[lane], table[lane]->symbols[coded[lane].symbol].frequency);
    });
    group.each([&](int lane) {
      if (lane >= present) return;
      states[lane] =
          with_symbol(states[lane], *table[lane], table[lane]->symbols[coded[lane].symbol]);
    });
  }
  group.each([&](int lane) {
    if (lane < lanes) final_states[lane] = states[lane];
  });
  return end - words.next;
}

}  // namespace feat::rans
