// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How values are divided into chunks and lanes, and what stands in front of the chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codecs/rans/state.h"

namespace feat::rans {

struct Layout {
  int log2_lanes = 0;
  uint64_t chunks = 1;

  int lanes() const { return 1 << log2_lanes; }
  // Values of each chunk but the last, which has the rest.
  uint64_t chunk_values(uint64_t values) const;
  size_t state_bytes() const { return kStateBytes << log2_lanes; }
};

// So many lanes and chunks that the states cost little beside `bytes` of coded values.
Layout choose_layout(uint64_t values, uint64_t bytes);

// Reads the chunks of coded bytes one by one.
class ChunkReader {
 public:
  // False: the bytes cannot be those of so many values.
  bool open(std::span<const uint8_t> bytes, uint64_t values);
  const Layout &layout() const { return layout_; }
  // The states and words of the next chunk. False: they end too soon.
  bool next(ChunkState &chunk);

 private:
  Layout layout_;
  std::span<const uint8_t> directory_;
  std::span<const uint8_t> rest_;
  uint64_t chunks_left_ = 0;
};

// What decoders say of bytes that are wrong, without a full stop.
std::string no_bytes_of(size_t bytes, uint64_t values);
std::string damaged_chunk(uint64_t chunk, uint64_t chunks, size_t bytes);

// The header and the directory; `words` are those of each chunk behind the states.
void write_directory(const Layout &layout, std::span<const size_t> words,
                     std::vector<uint8_t> &out);

}  // namespace feat::rans
