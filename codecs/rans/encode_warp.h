// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Encodes one chunk with a group of 32 threads, one for each lane: a warp of a GPU, or what stands
// for it (serial_group.h). All is in the inverse order of decode_warp.h.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "codecs/rans/chunk_rooms.h"
#include "codecs/rans/encode_lane.h"
#include "codecs/rans/warp_job.h"

namespace feat::rans {

// What groups look at.
struct EncodeView {
  const EncodeTable *tables = nullptr;
  const uint32_t *reciprocals = nullptr;  // kBuckets for each table: (2^32 - 1) / frequency
};

std::vector<uint32_t> reciprocals_of(const CodingTables &tables);

// with_symbol() without a division: the quotient by the reciprocal is right or one too small.
FEATURE_HD inline uint32_t with_symbol_by(uint32_t state, const EncodeTable &table,
                                          const EncodeTable::Symbol &symbol, uint32_t reciprocal) {
  auto quotient = static_cast<uint32_t>(uint64_t{state} * reciprocal >> 32);
  uint32_t rank = state - quotient * symbol.frequency;
  if (rank >= symbol.frequency) {
    ++quotient;
    rank -= symbol.frequency;
  }
  return quotient << 16 | table.slot(symbol, rank);
}

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

// What a lane encodes in one step. Memory is slow: it is loaded two steps ahead and looked up one
// step ahead.
struct LaneValue {
  bool present = false;
  uint32_t table = 0;
  int32_t value = 0;
};
struct LaneSymbol {
  bool present = false;
  bool escape = false;
  const EncodeTable *table = nullptr;
  int raw_bits = 0;
  CodedSymbol coded;
  EncodeTable::Symbol symbol;
  uint32_t reciprocal = 0;
};

FEATURE_HD inline LaneSymbol look_up(const EncodeView &view, const LaneValue &value) {
  LaneSymbol found;
  if (!value.present) return found;
  found.present = true;
  found.table = view.tables + value.table;
  found.coded = found.table->classify(value.value);
  found.escape = found.coded.symbol == kEscape;
  found.raw_bits = found.escape ? 0 : found.table->raw_bits;
  found.symbol = found.table->symbols[found.coded.symbol];
  found.reciprocal = view.reciprocals[value.table * kBuckets + found.coded.symbol];
  return found;
}

// Encodes values whose tables and ranges are right. Returns the number of words, or -1: the room is
// too small. `final_states` are those of the lanes.
template <class Group>
FEATURE_HD int64_t encode_chunk(const Group &group, EncodeView view, TableOf table_of,
                                const int32_t *values, ChunkRoom room, int lanes, uint16_t *buffer,
                                uint32_t *final_states) {
  typename Group::template PerThread<uint32_t> states;
  typename Group::template PerThread<LaneSymbol> now;
  typename Group::template PerThread<LaneSymbol> next;
  typename Group::template PerThread<LaneValue> loaded;  // for the step behind the next one
  typename Group::template PerThread<uint32_t> distance;
  const auto step = static_cast<uint64_t>(lanes);
  // Of the step whose values end at `end`, as it is counted below.
  const auto load = [&](int lane, uint64_t end) {
    LaneValue value;
    const uint64_t at = end - step + static_cast<uint64_t>(lane);
    value.present = end > 0 && lane < lanes && at < room.count;
    if (value.present) {
      value.table = table_of(room.first + at);
      value.value = values[room.first + at];
    }
    return value;
  };
  const auto before = [&](uint64_t end) { return end > step ? end - step : 0; };
  uint16_t *const begin = buffer + room.words_begin;
  uint16_t *const end = buffer + room.words_end;
  BackwardWords words = {end};
  uint64_t i = (room.count + step - 1) / step * step;
  group.each([&](int lane) {
    states[lane] = kLowest;
    next[lane] = look_up(view, load(lane, i));
    loaded[lane] = load(lane, before(i));
  });
  for (; i > 0; i -= step) {
    if (static_cast<uint64_t>(words.next - begin) < kStepWords) return -1;
    group.each([&](int lane) {
      now[lane] = next[lane];
      next[lane] = look_up(view, loaded[lane]);
      loaded[lane] = load(lane, before(before(i)));
      distance[lane] = now[lane].coded.distance;
    });
    uint32_t escapes = group.ballot([&](int lane) { return now[lane].escape; });
    const uint32_t raw = group.ballot([&](int lane) { return now[lane].raw_bits > 0; });
    if (escapes != 0) {
      const uint32_t below = group.ballot([&](int lane) { return now[lane].coded.below; });
      // One after the other: all threads follow the one lane, and write the same.
      while (escapes != 0) {
        const int who = std::bit_width(escapes) - 1;
        escapes ^= uint32_t{1} << who;
        uint32_t state = group.from(states, who);
        const CodedSymbol symbol = {kEscape, 0, (below >> who & 1) != 0, group.from(distance, who)};
        put_escape(state, symbol, words);
        group.each([&](int lane) {
          if (lane == who) states[lane] = state;
        });
      }
    }
    if (raw != 0) {
      put_halves(group, states, words, [&](int lane) {
        return now[lane].raw_bits > 0 && full_for_bits(states[lane], now[lane].raw_bits);
      });
      group.each([&](int lane) {
        states[lane] = states[lane] << now[lane].raw_bits | now[lane].coded.raw;
      });
    }
    put_halves(group, states, words, [&](int lane) {
      return now[lane].present && full_for_symbol(states[lane], now[lane].symbol.frequency);
    });
    group.each([&](int lane) {
      if (now[lane].present)
        states[lane] =
            with_symbol_by(states[lane], *now[lane].table, now[lane].symbol, now[lane].reciprocal);
    });
  }
  group.each([&](int lane) {
    if (lane < lanes) final_states[lane] = states[lane];
  });
  return end - words.next;
}

}  // namespace feat::rans
