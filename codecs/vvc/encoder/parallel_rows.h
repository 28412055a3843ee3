// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Work that is independent from one row of CTUs to the next.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace feat::vvc {

// Calls f(row) for all rows, in any order, on up to `threads` threads, the calling one included.
template <typename F>
void for_each_row(int rows, int threads, const F &f) {
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int row = next++; row < rows; row = next++) f(row);
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < std::min(threads, rows); ++i) helpers.emplace_back(work);
  work();
}

}  // namespace feat::vvc
