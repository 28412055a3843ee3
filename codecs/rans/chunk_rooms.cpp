// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/chunk_rooms.h"

#include <algorithm>

#include "codecs/rans/encode_warp.h"

namespace feat::rans {

std::vector<uint32_t> reciprocals_of(const CodingTables &tables) {
  std::vector<uint32_t> all;
  for (int t = 0; t < tables.count(); ++t)
    for (const EncodeTable::Symbol &symbol : tables.encode_tables()[t].symbols)
      all.push_back(symbol.frequency > 0 ? 0xFFFFFFFF / symbol.frequency : 0);
  return all;
}

std::vector<ChunkRoom> make_rooms(const Layout &layout, uint64_t values, bool raw) {
  std::vector<ChunkRoom> rooms;
  const uint64_t size = layout.chunk_values(values);
  uint64_t end = 0;
  for (uint64_t first = 0; first < values; first += size) {
    const uint64_t count = std::min(size, values - first);
    // A symbol is a word at most, and so are raw bits.
    const uint64_t words = (raw ? 2 : 1) * count + count / 16 + 2 * kStepWords;
    rooms.push_back({first, count, end, end + words});
    end += words;
  }
  return rooms;
}

void append_chunks(const Layout &layout, std::span<const ChunkRoom> rooms,
                   std::span<const EncodedChunk> chunks, const uint16_t *buffer,
                   std::vector<uint8_t> &out) {
  std::vector<size_t> words;
  for (const EncodedChunk &chunk : chunks) words.push_back(static_cast<size_t>(chunk.words));
  write_directory(layout, words, out);
  for (size_t c = 0; c < chunks.size(); ++c) {
    for (int l = 0; l < layout.lanes(); ++l)
      for (int shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<uint8_t>(chunks[c].states[l] >> shift));
    size_t at = out.size();
    out.resize(at + words[c] * kWordBytes);
    const uint16_t *word = buffer + rooms[c].words_end - words[c];
    for (size_t i = 0; i < words[c]; ++i, at += kWordBytes) {
      out[at] = static_cast<uint8_t>(word[i]);
      out[at + 1] = static_cast<uint8_t>(word[i] >> 8);
    }
  }
}

}  // namespace feat::rans
