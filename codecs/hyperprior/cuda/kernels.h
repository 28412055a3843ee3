// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Kernels, started in the order of a stream. All pointers are into the memory of the GPU. Faults
// are thrown as CudaFailure.
#pragma once

#include <cuda_runtime_api.h>

#include "codecs/hyperprior/latent_threads.h"
#include "codecs/hyperprior/layer_tile.h"
#include "codecs/rans/chunk_rooms.h"
#include "codecs/rans/encode_warp.h"
#include "codecs/rans/tables.h"
#include "codecs/rans/warp_job.h"

namespace feat::hyperprior {

// Throws if the GPU has no kernels here.
void check_kernels();

// rans_kernels.cu. `good` gets 1 for each chunk that is undamaged, else 0.
void start_decode(const rans::DecodeView &tables, const rans::TableOf &table_of,
                  const rans::CodedChunk *chunks, size_t count, int lanes, int32_t *values,
                  uint8_t *good, cudaStream_t stream);
void start_encode(const rans::EncodeView &tables, const rans::TableOf &table_of,
                  const int32_t *values, const rans::ChunkRoom *rooms, size_t count, int lanes,
                  uint16_t *buffer, rans::EncodedChunk *chunks, cudaStream_t stream);

// network_kernels.cu
void start_cut(const CutJob &job, cudaStream_t stream);
void start_layer(const FlatLayer &layer, const PairMap &in, const ActivationSink &sink,
                 cudaStream_t stream);
void start_last_layer(const FlatLayer &layer, const PairMap &in, const PredictionSink &sink,
                      cudaStream_t stream);

// latent_kernels.cu. What symbols cost is added to `sums`.
void start_restore(const RestoreJob &job, cudaStream_t stream);
void start_choose(const ChooseJob &job, CostSums *sums, cudaStream_t stream);

}  // namespace feat::hyperprior
