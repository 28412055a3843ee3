// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/chunk_list.h"

#include <algorithm>

#include "codecs/rans/layout.h"

namespace feat::rans {

bool ChunkList::read(std::span<const uint8_t> bytes, uint64_t values, std::string &error) {
  chunks.clear();
  coded_bytes = bytes.size();
  ChunkReader reader;
  if (values == 0 || !reader.open(bytes, values)) {
    error = no_bytes_of(bytes.size(), values);
    return false;
  }
  const Layout &layout = reader.layout();
  lanes = layout.lanes();
  total = layout.chunks;
  const uint64_t size = layout.chunk_values(values);
  ChunkState chunk;
  for (uint64_t i = 0; i < total && reader.next(chunk); ++i)
    chunks.push_back({chunk.words.next - layout.state_bytes(), chunk.words.left(), i * size,
                      std::min(size, values - i * size)});
  return true;
}

bool ChunkList::all_good(std::span<const uint8_t> good, std::string &error) const {
  const auto bad = std::find(good.begin(), good.end(), 0);
  const auto index = static_cast<uint64_t>(bad - good.begin());
  if (index == total) return true;
  error = damaged_chunk(index, total, coded_bytes);
  return false;
}

}  // namespace feat::rans
