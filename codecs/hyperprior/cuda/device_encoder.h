// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/cuda/device_tables.h"
#include "codecs/rans/chunk_rooms.h"
#include "codecs/rans/layout.h"

namespace feat::hyperprior {

// The entropy encoder on the GPU.
class DeviceEncoder {
 public:
  // Appends `count` values of the GPU, coded as encode_by() does, to `out`, and waits for that.
  // False: there are more escapes than there is room for.
  bool encode(const rans::Layout &layout, const DeviceTables &tables, const rans::TableOf &table_of,
              const int32_t *values, uint64_t count, const CudaStream &stream,
              std::vector<uint8_t> &out);

 private:
  DeviceArray<rans::ChunkRoom> rooms_;
  DeviceArray<rans::EncodedChunk> chunks_;
  DeviceArray<uint16_t> words_;
  PinnedArray<uint16_t> host_words_;
};

}  // namespace feat::hyperprior
