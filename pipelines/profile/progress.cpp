// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/profile/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace feat::profile {

Progress::Progress(uint64_t total)
    : total_(std::max<uint64_t>(total, 1)), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::show(uint64_t done, const std::string &what) {
  const auto now = Clock::now();
  if (!terminal_ || (visible_ && now - shown_ < std::chrono::milliseconds(200))) return;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string left;
  if (share > 0.01 && share < 1) {
    const auto rest = static_cast<long>(seconds / share * (1 - share) + 1);
    left = rest < 120 ? ", " + std::to_string(rest) + " s left"
                      : ", " + std::to_string(rest / 60 + 1) + " min left";
  }
  std::fprintf(stderr, "\r\033[K%s: %.0f %%%s", what.c_str(), 100 * share, left.c_str());
  std::fflush(stderr);
  shown_ = now;
  visible_ = true;
}

void Progress::clear() {
  if (visible_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

}  // namespace feat::profile
