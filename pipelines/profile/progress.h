// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace feat::profile {

// A line on the terminal that says how far it is and how long it will take. Where the standard
// error is no terminal there is none.
class Progress {
 public:
  explicit Progress(uint64_t total);
  ~Progress() { clear(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void show(uint64_t done, const std::string &what);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  const uint64_t total_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point shown_;
  bool visible_ = false;
};

}  // namespace feat::profile
