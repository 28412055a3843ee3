// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/hyperprior/cuda/serial_runtime.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace {

std::vector<std::function<void()>> queue;
int calls_that_work = -1;

cudaError_t outcome(cudaError_t failure) {
  if (calls_that_work < 0 || calls_that_work-- > 0) return cudaSuccess;
  calls_that_work = -1;
  return failure;
}

void run_queue() {
  const auto work = std::exchange(queue, {});
  for (const auto &piece : work) piece();
}

// Not zeros, so that nobody relies on them.
cudaError_t allocate(void **memory, size_t size) {
  const cudaError_t result = outcome(cudaErrorMemoryAllocation);
  if (result != cudaSuccess) return result;
  *memory = std::malloc(size);
  std::memset(*memory, 0xA5, size);
  return cudaSuccess;
}

cudaError_t release(void *memory) {
  run_queue();  // waits for the device
  std::free(memory);
  return cudaSuccess;
}

}  // namespace

namespace test {

void enqueue(std::function<void()> work) {
  queue.push_back(std::move(work));
}

void fail_call(int number) {
  calls_that_work = number;
}

}  // namespace test

extern "C" {

cudaError_t cudaMalloc(void **memory, size_t size) {
  return allocate(memory, size);
}

cudaError_t cudaHostAlloc(void **memory, size_t size, unsigned) {
  return allocate(memory, size);
}

cudaError_t cudaFree(void *memory) {
  return release(memory);
}

cudaError_t cudaFreeHost(void *memory) {
  return release(memory);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, cudaMemcpyKind kind,
                            cudaStream_t) {
  const cudaError_t result = outcome(cudaErrorInvalidValue);
  if (result != cudaSuccess) return result;
  if (kind == cudaMemcpyDeviceToHost) {
    test::enqueue([=] { std::memcpy(to, from, size); });
    return cudaSuccess;
  }
  // Staged, as what is not pinned is.
  const auto *bytes = static_cast<const uint8_t *>(from);
  test::enqueue([to, staged = std::vector<uint8_t>(bytes, bytes + size)] {
    std::memcpy(to, staged.data(), staged.size());
  });
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t size, cudaStream_t) {
  const cudaError_t result = outcome(cudaErrorInvalidValue);
  if (result != cudaSuccess) return result;
  test::enqueue([=] { std::memset(to, value, size); });
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
  *stream = nullptr;
  return outcome(cudaErrorUnknown);
}

cudaError_t cudaStreamDestroy(cudaStream_t) {
  run_queue();
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t) {
  run_queue();
  return outcome(cudaErrorIllegalAddress);
}

cudaError_t cudaSetDevice(int) {
  return outcome(cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceCount(int *count) {
  *count = 1;
  return outcome(cudaErrorNoDevice);
}

cudaError_t cudaDriverGetVersion(int *version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaGetLastError() {
  return cudaSuccess;
}

const char *cudaGetErrorString(cudaError_t) {
  return "a test made it fail";
}

cudaError_t cudaEventCreate(cudaEvent_t *event) {
  *event = nullptr;
  return outcome(cudaErrorUnknown);
}

cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
  return outcome(cudaErrorUnknown);
}

cudaError_t cudaEventDestroy(cudaEvent_t) {
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 1;
  return outcome(cudaErrorNotReady);
}

}  // extern "C"
