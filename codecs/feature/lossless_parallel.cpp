// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_parallel.h"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace feat::native::lossless {

void in_parallel(size_t count, int threads, const std::function<void(size_t)> &task) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) task(i);
  };
  std::vector<std::jthread> helpers;
  for (size_t i = 1; i < count && helpers.size() + 1 < static_cast<size_t>(threads); ++i) {
    try {
      helpers.emplace_back(work);
    } catch (const std::system_error &) {
      break;  // as many threads as the system gives
    }
  }
  work();
}

}  // namespace feat::native::lossless
