// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/cuda_memory.h"

#include <algorithm>

namespace feat::hyperprior {

void check(cudaError_t status, const char *call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // or the next call would tell it again
  throw CudaFailure{std::string(call) + " failed: " + cudaGetErrorString(status)};
}

CudaStream::CudaStream() {
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a CUDA stream");
}

CudaStream::~CudaStream() {
  cudaStreamDestroy(stream_);
}

void CudaStream::wait() const {
  check(cudaStreamSynchronize(stream_), "waiting for the GPU");
}

CudaBytes::~CudaBytes() {
  release();
}

void CudaBytes::release() {
  if (pinned_)
    cudaFreeHost(data_);
  else
    cudaFree(data_);
  data_ = nullptr;
  size_ = 0;
}

void *CudaBytes::reserve(size_t bytes) {
  if (bytes <= size_ && data_ != nullptr) return data_;
  release();
  const size_t wanted = std::max<size_t>(bytes, 256);
  const std::string what = "taking " + std::to_string(wanted) + " bytes of " +
                           (pinned_ ? "pinned memory" : "the GPU's memory");
  check(pinned_ ? cudaHostAlloc(&data_, wanted, cudaHostAllocDefault) : cudaMalloc(&data_, wanted),
        what.c_str());
  size_ = wanted;
  return data_;
}

}  // namespace feat::hyperprior
