// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Threads of a GPU, with the functions of SerialGroup (serial_group.h): one object for each thread.
#pragma once

#include <cstdint>

namespace feat {

template <class T>
class OwnValue {
 public:
  __device__ T &operator[](int) { return value_; }
  __device__ const T &operator[](int) const { return value_; }

 private:
  T value_ = {};
};

// What groups have in common: threads of a block of one dimension.
class ThreadGroup {
 public:
  template <class T>
  using PerThread = OwnValue<T>;

  template <class Work>
  __device__ void each(const Work &work) const {
    work(static_cast<int>(threadIdx.x));
  }
};

// A warp, of blocks that are one warp each.
class WarpGroup : public ThreadGroup {
 public:
  __device__ void barrier() const { __syncwarp(); }
  template <class Ask>
  __device__ uint32_t ballot(const Ask &ask) const {
    return __ballot_sync(kAll, ask(static_cast<int>(threadIdx.x)));
  }
  template <class T>
  __device__ T from(const PerThread<T> &values, int thread) const {
    return __shfl_sync(kAll, values[thread], thread);
  }

 private:
  static constexpr uint32_t kAll = 0xFFFFFFFF;
};

class BlockGroup : public ThreadGroup {
 public:
  __device__ void barrier() const { __syncthreads(); }
};

}  // namespace feat
