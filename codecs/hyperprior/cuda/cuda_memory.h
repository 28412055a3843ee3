// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What CUDA gives, given back at the end; and what goes wrong, thrown as a sentence without a full
// stop. Nothing of it leaves the module.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>

namespace feat::hyperprior {

struct CudaFailure {
  std::string text;
};

// Throws CudaFailure, which names the call and the reason.
void check(cudaError_t status, const char *call);

class CudaStream {
 public:
  CudaStream();
  ~CudaStream();
  CudaStream(const CudaStream &) = delete;
  CudaStream &operator=(const CudaStream &) = delete;

  operator cudaStream_t() const { return stream_; }
  void wait() const;

 private:
  cudaStream_t stream_ = nullptr;
};

// Bytes on the GPU or, `pinned`, on the CPU where copies to and from a GPU are fast. They grow as
// they are needed and forget then what they had.
class CudaBytes {
 public:
  explicit CudaBytes(bool pinned) : pinned_(pinned) {}
  ~CudaBytes();
  CudaBytes(const CudaBytes &) = delete;
  CudaBytes &operator=(const CudaBytes &) = delete;

  void *reserve(size_t bytes);
  void *data() const { return data_; }

 private:
  void release();

  bool pinned_;
  void *data_ = nullptr;
  size_t size_ = 0;
};

template <class T, bool pinned>
class CudaArray {
 public:
  T *reserve(size_t count) { return static_cast<T *>(bytes_.reserve(count * sizeof(T))); }
  T *data() const { return static_cast<T *>(bytes_.data()); }

 private:
  CudaBytes bytes_{pinned};
};
template <class T>
using DeviceArray = CudaArray<T, false>;
template <class T>
using PinnedArray = CudaArray<T, true>;

// In the order of the stream. Memory of the CPU that is not pinned is free for other use when
// upload() returns, and is filled when the stream has been waited for behind download().
template <class T>
void upload(T *to, const T *from, size_t count, cudaStream_t stream) {
  check(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyHostToDevice, stream),
        "copying to the GPU");
}
template <class T>
void download(T *to, const T *from, size_t count, cudaStream_t stream) {
  check(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDeviceToHost, stream),
        "copying from the GPU");
}

// Memory of the GPU that has these values.
template <class Container>
auto *keep(DeviceArray<typename Container::value_type> &array, const Container &values,
           cudaStream_t stream) {
  auto *const to = array.reserve(values.size());
  upload(to, values.data(), values.size(), stream);
  return to;
}

}  // namespace feat::hyperprior
