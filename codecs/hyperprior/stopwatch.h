// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

namespace feat::hyperprior {

// Milliseconds since it was made, or since the last lap.
class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double milliseconds = std::chrono::duration<double, std::milli>(now - begin_).count();
    begin_ = now;
    return milliseconds;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace feat::hyperprior
