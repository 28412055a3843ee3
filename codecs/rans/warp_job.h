// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the groups of threads that code chunks (decode_warp.h, encode_warp.h) are given: pointers
// and numbers, into the memory of a GPU or of a CPU.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/common/host_device.h"

namespace feat::rans {

// Which table each value has.
struct TableOf {
  const uint8_t *each = nullptr;  // null: value i has table i % period
  uint32_t period = 1;

  FEATURE_HD uint32_t operator()(uint64_t i) const {
    return each != nullptr ? each[i] : static_cast<uint32_t>(i % period);
  }
};

// A chunk to decode. `bytes` are at an even address.
struct CodedChunk {
  const uint8_t *bytes = nullptr;  // the states, then the words
  uint64_t words = 0;
  uint64_t first = 0;  // value
  uint64_t count = 0;  // values
};

// A chunk to encode. Words are written from the end of their room, in the order of the decoder.
struct ChunkRoom {
  uint64_t first = 0;        // value
  uint64_t count = 0;        // values
  uint64_t words_begin = 0;  // the room, in words of a buffer
  uint64_t words_end = 0;
};

FEATURE_HD inline uint32_t load_word(const uint8_t *at) {
#ifdef __CUDA_ARCH__
  return *reinterpret_cast<const uint16_t *>(at);
#else
  return at[0] | uint32_t{at[1]} << 8;
#endif
}
FEATURE_HD inline uint32_t load_state(const uint8_t *at) {
  return load_word(at) | load_word(at + 2) << 16;
}

}  // namespace feat::rans
