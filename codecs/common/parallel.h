// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace feat {

// Calls work(i) for i from 0 to count - 1 on up to `threads` threads, the caller's included.
template <class Work>
void in_parallel(int threads, size_t count, Work &&work) {
  std::atomic<size_t> next{0};
  const auto take = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> helpers;
  const size_t wanted = std::min(static_cast<size_t>(std::max(threads, 1)), count);
  for (size_t i = 1; i < wanted; ++i) helpers.emplace_back(take);
  take();
  for (std::thread &helper : helpers) helper.join();
}

}  // namespace feat
