// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The chunks of coded bytes, for decoders that work on all of them at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codecs/rans/warp_job.h"

namespace feat::rans {

struct ChunkList {
  int lanes = 1;
  uint64_t total = 0;  // chunks that there should be
  // Those before the first one that is cut off or begins with wrong states.
  std::vector<CodedChunk> chunks;
  size_t coded_bytes = 0;

  // False, and `error` is a sentence without a full stop: the bytes cannot be those of so many
  // values, of which there are some.
  bool read(std::span<const uint8_t> bytes, uint64_t values, std::string &error);
  // Whether all chunks are good, `good` being what decode_chunk() says of those that are listed;
  // if not, the same `error` as that of decode() in rans.h.
  bool all_good(std::span<const uint8_t> good, std::string &error) const;
  // Lanes of all chunks.
  uint64_t all_lanes() const { return total * static_cast<uint64_t>(lanes); }
};

}  // namespace feat::rans
