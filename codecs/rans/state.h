// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The states of a chunk's lanes, and the words that decoders refill them from.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/common/host_device.h"

namespace feat::rans {

inline constexpr uint32_t kLowest = 1U << 16;  // states are kLowest to 2^32 - 1
inline constexpr int kMaxLanes = 32;
inline constexpr size_t kStateBytes = 4;
inline constexpr size_t kWordBytes = 2;
inline constexpr int kMaxUniformBits = 16;    // that one step codes
inline constexpr int kMaxDistanceWidth = 26;  // distances of escapes are below 2^26

// Words of 16 bits, little-endian. Behind the end there are zeros, and `failed` is set.
struct WordReader {
  const uint8_t *next = nullptr;
  const uint8_t *end = nullptr;
  bool failed = false;

  FEATURE_HD size_t left() const { return static_cast<size_t>(end - next) / kWordBytes; }
  FEATURE_HD uint32_t take() {
    if (next == end) {
      failed = true;
      return 0;
    }
    const uint32_t word = next[0] | uint32_t{next[1]} << 8;
    next += kWordBytes;
    return word;
  }
  FEATURE_HD void refill(uint32_t &state) {
    if (state < kLowest) state = state << 16 | take();
  }
  // `count` bits, 1 to kMaxUniformBits, that are all as likely as not.
  FEATURE_HD uint32_t take_bits(uint32_t &state, int count) {
    const uint32_t bits = state & ((1U << count) - 1);
    state >>= count;
    refill(state);
    return bits;
  }
};

struct ChunkState {
  int lanes = 1;
  std::array<uint32_t, kMaxLanes> states;
  WordReader words;

  // Whether decoding has come to where the encoder began.
  bool ended() const {
    return words.next == words.end && std::all_of(states.begin(), states.begin() + lanes,
                                                  [](uint32_t state) { return state == kLowest; });
  }
};

}  // namespace feat::rans
