// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The threads that a GPU runs side by side, on a CPU: one after the other, from barrier to barrier.
// Functions that are templates of a group run there as they do on a GPU (cuda_groups.cuh), so that
// tests need none. In the opposite order, `backwards`, all must come to the same: or else threads
// depend on each other between two barriers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace feat {

template <int threads, bool backwards = false>
class SerialGroup {
 public:
  // What each thread has of its own. A group's function names it by the thread's number.
  template <class T>
  class PerThread {
   public:
    T &operator[](int thread) { return values_[static_cast<size_t>(thread)]; }
    const T &operator[](int thread) const { return values_[static_cast<size_t>(thread)]; }

   private:
    std::array<T, threads> values_ = {};
  };

  // Calls work(thread) once for each thread. What other threads wrote to memory in an earlier call
  // is there for all of them only behind a barrier().
  template <class Work>
  void each(const Work &work) const {
    for (int t = 0; t < threads; ++t) work(backwards ? threads - 1 - t : t);
  }
  void barrier() const {}

  // Of groups of 32: bit t is what ask(t) says.
  template <class Ask>
  uint32_t ballot(const Ask &ask) const {
    static_assert(threads == 32);
    uint32_t mask = 0;
    for (int t = 0; t < threads; ++t)
      if (ask(t)) mask |= uint32_t{1} << t;
    return mask;
  }
  // Of groups of 32: what one thread has, for all of them.
  template <class T>
  T from(const PerThread<T> &values, int thread) const {
    return values[thread];
  }
};

}  // namespace feat
