// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where encoders that work on all chunks at a time write, and what becomes of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/rans/encode_lane.h"
#include "codecs/rans/layout.h"
#include "codecs/rans/state.h"
#include "codecs/rans/warp_job.h"

namespace feat::rans {

// One behind the other. There is room for all values that have symbols, and some that are escaped;
// a chunk with more of these does not fit. `raw`: there are tables with raw bits.
std::vector<ChunkRoom> make_rooms(const Layout &layout, uint64_t values, bool raw);

// The least room that a chunk's encoding goes on with: a step's most words.
inline constexpr uint64_t kStepWords = kMaxLanes * kMaxWordsPerValue;

// What one chunk has become.
struct EncodedChunk {
  int64_t words = -1;  // negative: it did not fit
  uint32_t states[kMaxLanes] = {};
};

// Appends chunks that fit; `buffer` has their words, as encode_chunk() leaves them.
void append_chunks(const Layout &layout, std::span<const ChunkRoom> rooms,
                   std::span<const EncodedChunk> chunks, const uint16_t *buffer,
                   std::vector<uint8_t> &out);

}  // namespace feat::rans
