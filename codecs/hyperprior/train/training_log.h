// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The course of a training: a table, a picture of it, and a line on the terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>

namespace feat::hyperprior::train {

// Means over planes.
struct Losses {
  double rate = 0;    // bits a point
  double z_rate = 0;  // what of it is hyper-latents
  double distortion = 0;
  double loss = 0;

  void add(const Losses &other, double weight) {
    rate += other.rate * weight;
    z_rate += other.z_rate * weight;
    distortion += other.distortion * weight;
    loss += other.loss * weight;
  }
};

// A CSV file; without a path, nothing.
class TrainingLog {
 public:
  // `go_on`: a table that is there already gets more rows. Throws Error.
  TrainingLog(const std::string &path, bool go_on);
  // `kind` is training or validation.
  void add(const char *kind, uint64_t step, double seconds, double learning_rate,
           const Losses &losses);

 private:
  std::string path_;
  std::ofstream file_;
};

// Draws the table with gnuplot; the ending of `picture`, png or svg, says as what. False: gnuplot
// is missing or failed.
bool draw_log(const std::string &table, const std::string &picture);

// On the standard error: often on a terminal, once a minute otherwise.
class ProgressLine {
 public:
  explicit ProgressLine(uint64_t first_step);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine &) = delete;
  ProgressLine &operator=(const ProgressLine &) = delete;

  bool due() const;
  // `share` of the training is done.
  void show(uint64_t step, double share, const Losses &losses);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  uint64_t shown_step_;
  double first_share_ = -1;
  bool visible_ = false;
};

}  // namespace feat::hyperprior::train
