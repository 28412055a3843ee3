// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace feat::bench {

// How far a run is and how long it will take: one line that changes on a terminal, elsewhere a line
// now and then. Jobs of one kind take about as long as each other.
class Progress {
 public:
  explicit Progress(int workers);
  ~Progress() { clear(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void add(const std::string &kind, size_t jobs);
  void done(const std::string &kind, double seconds);
  void show(bool now = false);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  struct Kind {
    size_t jobs = 0;
    size_t done = 0;
    double seconds = 0;
  };

  std::string time_left() const;

  const int workers_;
  const bool terminal_;
  std::map<std::string, Kind> kinds_;
  size_t jobs_ = 0;
  size_t done_ = 0;
  std::string last_;
  Clock::time_point shown_ = Clock::now();
  bool visible_ = false;
};

}  // namespace feat::bench
