// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/cuda/device_tables.h"
#include "codecs/rans/chunk_list.h"

namespace feat::hyperprior {

// The entropy decoder on the GPU.
class DeviceDecoder {
 public:
  // Copies the bytes of `count` values to the GPU. False, and `error` is set: they cannot be those.
  bool open(std::span<const uint8_t> bytes, uint64_t count, cudaStream_t stream,
            std::string &error);
  // Whether the GPU is the faster one.
  bool pays() const;
  // Decodes what was opened into `values` of the GPU.
  void start(const DeviceTables &tables, const rans::TableOf &table_of, int32_t *values,
             cudaStream_t stream);
  // When the stream has been waited for: whether the bytes were undamaged. If not, `error` is set.
  bool good(std::string &error) const;

 private:
  rans::ChunkList list_;
  DeviceArray<uint8_t> bytes_;
  DeviceArray<rans::CodedChunk> chunks_;
  DeviceArray<uint8_t> good_;
  PinnedArray<uint8_t> host_good_;
};

}  // namespace feat::hyperprior
