// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The hyper-synthesis: a block for each tile of a layer.
#include "codecs/common/cuda_groups.cuh"
#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/cuda/kernels.h"

namespace feat::hyperprior {

namespace {

template <class Sink>
__global__ void __launch_bounds__(kTileThreads)
    layer_kernel(FlatLayer layer, PairMap in, Sink sink) {
  __shared__ LayerTile tile;
  const TilePlace at = {int64_t{blockIdx.x} * kTilePlaces,
                        static_cast<int>(blockIdx.y) * kTileOutputs, static_cast<int>(blockIdx.z)};
  run_tile(BlockGroup(), layer, in, at, tile, sink);
}

template <class Sink>
void start_tiles(const FlatLayer &layer, const PairMap &in, const Sink &sink, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(tiles_of(int64_t{in.height} * in.width, kTilePlaces)),
                  static_cast<unsigned>(tiles_of(layer.out_padded, kTileOutputs)),
                  static_cast<unsigned>(layer.stride * layer.stride));
  layer_kernel<<<grid, kTileThreads, 0, stream>>>(layer, in, sink);
  check(cudaGetLastError(), "starting a layer of the hyper-synthesis");
}

__global__ void cut_kernel(CutJob job) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < job.count()) job.run(i);
}

}  // namespace

void start_cut(const CutJob &job, cudaStream_t stream) {
  constexpr int kThreads = 256;
  cut_kernel<<<static_cast<unsigned>(tiles_of(job.count(), kThreads)), kThreads, 0, stream>>>(job);
  check(cudaGetLastError(), "cutting hyper-latents");
}

void start_layer(const FlatLayer &layer, const PairMap &in, const ActivationSink &sink,
                 cudaStream_t stream) {
  start_tiles(layer, in, sink, stream);
}

void start_last_layer(const FlatLayer &layer, const PairMap &in, const PredictionSink &sink,
                      cudaStream_t stream) {
  start_tiles(layer, in, sink, stream);
}

}  // namespace feat::hyperprior
