// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Between latents and symbols. Threads side by side have neighbouring places of one channel, and
// the warps of a block neighbouring channels: reads and writes of either order fill their sectors.
#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/cuda/kernels.h"

namespace feat::hyperprior {

namespace {

constexpr int kPlaces = 32;
constexpr int kChannels = 8;
constexpr uint32_t kAll = 0xFFFFFFFF;

dim3 grid_of(const LatentShape &shape) {
  return {static_cast<unsigned>(tiles_of(shape.places, kPlaces)),
          static_cast<unsigned>(tiles_of(shape.channels, kChannels))};
}

__device__ LatentPlace own_place() {
  return {int64_t{blockIdx.x} * kPlaces + threadIdx.x,
          static_cast<int>(blockIdx.y) * kChannels + static_cast<int>(threadIdx.y)};
}

__global__ void restore_kernel(RestoreJob job) {
  const LatentPlace at = own_place();
  if (at.inside(job.shape)) job.run(at);
}

template <class T>
__device__ T warp_sum(T value) {
  for (int distance = 16; distance > 0; distance /= 2)
    value += __shfl_down_sync(kAll, value, distance);
  return value;
}

__device__ void add_up(const CostSums &own, CostSums *sums) {
  // Shared memory is not set to begin with, as sums are.
  __shared__ alignas(CostSums) unsigned char memory[kChannels * sizeof(CostSums)];
  auto *const warps = reinterpret_cast<CostSums *>(memory);
  CostSums sum;
  sum.cost = warp_sum(own.cost);
  sum.escape_bits = warp_sum(own.escape_bits);
  sum.bits = warp_sum(own.bits);
  sum.no_numbers = warp_sum(own.no_numbers);
  if (threadIdx.x == 0) warps[threadIdx.y] = sum;
  __syncthreads();
  if (threadIdx.x != 0 || threadIdx.y != 0) return;
  for (int i = 1; i < kChannels; ++i) {
    sum.cost += warps[i].cost;
    sum.escape_bits += warps[i].escape_bits;
    sum.bits += warps[i].bits;
    sum.no_numbers += warps[i].no_numbers;
  }
  atomicAdd(&sums->cost, sum.cost);
  if (sum.escape_bits != 0) atomicAdd(&sums->escape_bits, sum.escape_bits);
  atomicAdd(&sums->bits, sum.bits);
  if (sum.no_numbers != 0) atomicAdd(&sums->no_numbers, sum.no_numbers);
}

__global__ void choose_kernel(ChooseJob job, CostSums *sums) {
  const LatentPlace at = own_place();
  add_up(at.inside(job.shape) ? job.run(at) : CostSums(), sums);
}

}  // namespace

void start_restore(const RestoreJob &job, cudaStream_t stream) {
  restore_kernel<<<grid_of(job.shape), dim3(kPlaces, kChannels), 0, stream>>>(job);
  check(cudaGetLastError(), "restoring latents");
}

void start_choose(const ChooseJob &job, CostSums *sums, cudaStream_t stream) {
  choose_kernel<<<grid_of(job.shape), dim3(kPlaces, kChannels), 0, stream>>>(job, sums);
  check(cudaGetLastError(), "choosing symbols");
}

}  // namespace feat::hyperprior
