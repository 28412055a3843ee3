// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/progress.h"

#include <unistd.h>

#include <cstdio>

namespace feat::bench {

Progress::Progress(int workers) : workers_(workers), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::add(const std::string &kind, size_t jobs) {
  kinds_[kind].jobs += jobs;
  jobs_ += jobs;
}

void Progress::done(const std::string &kind, double seconds) {
  Kind &k = kinds_[kind];
  ++k.done;
  k.seconds += seconds;
  ++done_;
  last_ = kind;
  show(done_ == jobs_);
}

// Kinds of which nothing is done yet are taken for average.
std::string Progress::time_left() const {
  double all = 0;
  for (const auto &[name, kind] : kinds_) all += kind.seconds;
  if (done_ == 0) return "";
  const double average = all / static_cast<double>(done_);
  double left = 0;
  for (const auto &[name, kind] : kinds_)
    left += static_cast<double>(kind.jobs - kind.done) *
            (kind.done > 0 ? kind.seconds / static_cast<double>(kind.done) : average);
  const auto seconds = static_cast<long>(left / workers_ + 1);
  if (done_ == jobs_) return "";
  return seconds < 120 ? ", " + std::to_string(seconds) + " s left"
                       : ", " + std::to_string(seconds / 60 + 1) + " min left";
}

void Progress::show(bool now) {
  const auto time = Clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(15);
  if (!now && time - shown_ < pause) return;
  shown_ = time;
  const std::string line =
      std::to_string(done_) + " of " + std::to_string(jobs_) + " (" + last_ + ")" + time_left();
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  visible_ = terminal_;
}

void Progress::clear() {
  if (visible_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

}  // namespace feat::bench
