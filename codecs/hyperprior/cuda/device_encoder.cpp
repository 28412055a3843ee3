// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/device_encoder.h"

#include "codecs/hyperprior/cuda/kernels.h"

namespace feat::hyperprior {

bool DeviceEncoder::encode(const rans::Layout &layout, const DeviceTables &tables,
                           const rans::TableOf &table_of, const int32_t *values, uint64_t count,
                           const CudaStream &stream, std::vector<uint8_t> &out) {
  std::vector<rans::ChunkRoom> rooms =
      rans::make_rooms(layout, count, tables.host().decode_view().raw);
  const rans::ChunkRoom *const device_rooms = keep(rooms_, rooms, stream);
  uint16_t *const words = words_.reserve(rooms.back().words_end);
  std::vector<rans::EncodedChunk> chunks(rooms.size());
  rans::EncodedChunk *const device_chunks = chunks_.reserve(chunks.size());
  start_encode(tables.encode_view(), table_of, values, device_rooms, rooms.size(), layout.lanes(),
               words, device_chunks, stream);
  download(chunks.data(), device_chunks, chunks.size(), stream);
  stream.wait();
  uint64_t all = 0;
  for (const rans::EncodedChunk &chunk : chunks) {
    if (chunk.words < 0) return false;
    all += static_cast<uint64_t>(chunk.words);
  }
  // Without the room that was left.
  uint16_t *const host_words = host_words_.reserve(all);
  uint64_t end = 0;
  for (size_t i = 0; i < chunks.size(); ++i) {
    const auto size = static_cast<uint64_t>(chunks[i].words);
    if (size > 0) download(host_words + end, words + rooms[i].words_end - size, size, stream);
    end += size;
    rooms[i].words_end = end;
  }
  stream.wait();
  rans::append_chunks(layout, rooms, chunks, host_words, out);
  return true;
}

}  // namespace feat::hyperprior
