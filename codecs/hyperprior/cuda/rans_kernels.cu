// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The entropy coder: a warp for each chunk.
#include "codecs/common/cuda_groups.cuh"
#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/cuda/kernels.h"
#include "codecs/rans/decode_warp.h"
#include "codecs/rans/encode_warp.h"

namespace feat::hyperprior {

namespace {

constexpr unsigned kWarp = 32;

__global__ void decode_kernel(rans::DecodeView tables, rans::TableOf table_of,
                              const rans::CodedChunk *chunks, int lanes, int32_t *values,
                              uint8_t *good) {
  const bool right =
      rans::decode_chunk(WarpGroup(), tables, table_of, chunks[blockIdx.x], lanes, values);
  if (threadIdx.x == 0) good[blockIdx.x] = right ? 1 : 0;
}

__global__ void encode_kernel(rans::EncodeView tables, rans::TableOf table_of,
                              const int32_t *values, const rans::ChunkRoom *rooms, int lanes,
                              uint16_t *buffer, rans::EncodedChunk *chunks) {
  rans::EncodedChunk &chunk = chunks[blockIdx.x];
  const int64_t words = rans::encode_chunk(WarpGroup(), tables, table_of, values, rooms[blockIdx.x],
                                           lanes, buffer, chunk.states);
  if (threadIdx.x == 0) chunk.words = words;
}

}  // namespace

void check_kernels() {
  cudaFuncAttributes attributes;
  check(cudaFuncGetAttributes(&attributes, decode_kernel), "looking for kernels for this GPU");
}

void start_decode(const rans::DecodeView &tables, const rans::TableOf &table_of,
                  const rans::CodedChunk *chunks, size_t count, int lanes, int32_t *values,
                  uint8_t *good, cudaStream_t stream) {
  if (count == 0) return;
  decode_kernel<<<static_cast<unsigned>(count), kWarp, 0, stream>>>(tables, table_of, chunks, lanes,
                                                                    values, good);
  check(cudaGetLastError(), "starting the entropy decoder");
}

void start_encode(const rans::EncodeView &tables, const rans::TableOf &table_of,
                  const int32_t *values, const rans::ChunkRoom *rooms, size_t count, int lanes,
                  uint16_t *buffer, rans::EncodedChunk *chunks, cudaStream_t stream) {
  encode_kernel<<<static_cast<unsigned>(count), kWarp, 0, stream>>>(tables, table_of, values, rooms,
                                                                    lanes, buffer, chunks);
  check(cudaGetLastError(), "starting the entropy encoder");
}

}  // namespace feat::hyperprior
