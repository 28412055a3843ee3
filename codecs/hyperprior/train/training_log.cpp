// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/training_log.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "codecs/hyperprior/train/error.h"

namespace feat::hyperprior::train {

namespace {

// Inside of single quotes, where '' is one.
std::string quoted(const std::string &text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

constexpr const char *kPlot = R"(
set datafile separator ','
set multiplot layout 3,1
set grid
set xlabel 'step'
rows(kind, column) = strcol(1) eq kind ? column : NaN
set ylabel 'loss'
plot table using 2:(rows('training', $8)) with lines lc rgb '#56b4e9' title 'training', \
     '' using 2:(rows('validation', $8)) with linespoints pt 7 ps 0.6 lw 2 lc rgb '#d55e00' title 'validation'
set ylabel 'bits a point'
plot table using 2:(rows('training', $5)) with lines lc rgb '#56b4e9' title 'training', \
     '' using 2:(rows('validation', $5)) with linespoints pt 7 ps 0.6 lw 2 lc rgb '#d55e00' title 'validation'
set ylabel 'distortion'
set logscale y
set format y '%g'
plot table using 2:(rows('training', $7)) with lines lc rgb '#56b4e9' title 'training', \
     '' using 2:(rows('validation', $7)) with linespoints pt 7 ps 0.6 lw 2 lc rgb '#d55e00' title 'validation'
)";

std::string seconds_text(double seconds) {
  if (seconds < 120) return std::to_string(static_cast<long>(seconds) + 1) + " s";
  return std::to_string(static_cast<long>(seconds / 60) + 1) + " min";
}

}  // namespace

TrainingLog::TrainingLog(const std::string &path, bool go_on) : path_(path) {
  if (path.empty()) return;
  std::error_code error;
  const bool there = go_on && std::filesystem::exists(path, error);
  file_.open(path, there ? std::ios::app : std::ios::trunc);
  if (!there)
    file_ << "kind,step,seconds,learning_rate,rate,z_rate,distortion,loss\n" << std::flush;
  if (!file_) throw Error(path + ": cannot be written");
}

void TrainingLog::add(const char *kind, uint64_t step, double seconds, double learning_rate,
                      const Losses &losses) {
  if (path_.empty()) return;
  char row[256];
  std::snprintf(row, sizeof row, "%s,%llu,%.1f,%.4g,%.6g,%.6g,%.6g,%.6g\n", kind,
                static_cast<unsigned long long>(step), seconds, learning_rate, losses.rate,
                losses.z_rate, losses.distortion, losses.loss);
  file_ << row << std::flush;
  if (!file_) throw Error(path_ + ": cannot be written");
}

bool draw_log(const std::string &table, const std::string &picture) {
  const bool svg = std::filesystem::path(picture).extension() == ".svg";
  FILE *gnuplot = popen("gnuplot 2>/dev/null", "w");
  if (gnuplot == nullptr) return false;
  std::fprintf(gnuplot, "set terminal %s size 900,1200\nset output %s\ntable = %s\n%s",
               svg ? "svg" : "png", quoted(picture).c_str(), quoted(table).c_str(), kPlot);
  return pclose(gnuplot) == 0;
}

ProgressLine::ProgressLine(uint64_t first_step)
    : terminal_(isatty(STDERR_FILENO) == 1), shown_step_(first_step) {}

bool ProgressLine::due() const {
  return Clock::now() - shown_ >= std::chrono::seconds(terminal_ ? 1 : 60);
}

void ProgressLine::show(uint64_t step, double share, const Losses &losses) {
  const auto now = Clock::now();
  if (first_share_ < 0) first_share_ = share;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double since = std::chrono::duration<double>(now - shown_).count();
  const double speed = since > 0 ? static_cast<double>(step - shown_step_) / since : 0;
  std::string left;
  if (share > first_share_ && share < 1)
    left = ", " + seconds_text(elapsed / (share - first_share_) * (1 - share)) + " left";
  std::fprintf(stderr, "%sstep %llu: %.4f bits/point, distortion %.3g, loss %.4f, %.2f steps/s%s%s",
               terminal_ ? "\r\033[K" : "", static_cast<unsigned long long>(step), losses.rate,
               losses.distortion, losses.loss, speed, left.c_str(), terminal_ ? "" : "\n");
  std::fflush(stderr);
  shown_ = now;
  shown_step_ = step;
  visible_ = true;
}

void ProgressLine::clear() {
  if (visible_ && terminal_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

}  // namespace feat::hyperprior::train
