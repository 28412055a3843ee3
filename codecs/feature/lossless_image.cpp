// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_image.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>

namespace feat::native::lossless {
namespace {

constexpr int64_t kMaxWeight = int64_t{1} << 18;

}  // namespace

ImageGuess::ImageGuess(uint32_t columns, uint32_t rows)
    : columns_(columns), rows_(rows), weights_{40000, 40000, -20000, 5000, 0, 0} {
  for (auto &row : values_) row.assign(columns + 2 * kMargin, 0);
  for (auto &row : errors_) row.assign(columns + 2 * kMargin, 1 << 16);
  for (auto &row : zeros_) row.assign(columns + 2 * kMargin, 0);
  spread_ = 1 << 16;
  power_ = int64_t{1} << 34;
}

void ImageGuess::guess(Opinion &opinion) {
  const size_t x = column_ + kMargin;
  const auto &row = values_[0];
  const auto &above = values_[1];
  inputs_ = {row[x - 1], above[x], above[x - 1], above[x + 1], row[x - 2], values_[2][x]};
  int64_t sum = 0;
  for (int i = 0; i < kInputs; ++i) {
    inputs_[i] -= mean_;
    sum += int64_t{weights_[i]} * inputs_[i];
  }
  prediction_ = std::clamp((sum >> kWeightBits) + mean_, -(int64_t{1} << 31), int64_t{1} << 31);
  const int64_t local =
      (int64_t{errors_[0][x - 1]} * 2 + int64_t{errors_[0][x - 2]} + int64_t{errors_[1][x]} * 2 +
       errors_[1][x - 1] + errors_[1][x + 1] + spread_) >>
      3;
  opinion.first.set(prediction_ << kDrop, spread_ << kDrop);
  opinion.second.set(prediction_ << kDrop, local << kDrop);
  opinion.zeros =
      uint32_t{zeros_[0][x - 1]} | uint32_t{zeros_[1][x]} << 1 | uint32_t{zeros_[1][x + 1]} << 2;
}

void ImageGuess::learn(const Opinion &, int64_t position, bool zero) {
  const size_t x = column_ + kMargin;
  constexpr int64_t kMax = int64_t{1} << 29;
  const auto value = static_cast<int32_t>(std::clamp(position >> kDrop, -kMax, kMax));
  const int64_t error = std::clamp(value - prediction_, -kMax, kMax);
  const int64_t size = std::abs(error);
  values_[0][x] = value;
  errors_[0][x] = static_cast<int32_t>(size);
  zeros_[0][x] = zero ? 1 : 0;

  // Least mean squares, against the power of what goes in.
  int64_t energy = 0;
  for (const int32_t input : inputs_) energy += (int64_t{input} * input) >> 3;
  power_ += (energy - power_) / 64;
  const int64_t bounded = std::clamp(error, -3 * spread_, 3 * spread_);
  const int shift = bit_width(static_cast<uint64_t>(std::max(power_, energy) | 1));
  for (int i = 0; i < kInputs; ++i) {
    const int64_t step = bounded * inputs_[i];
    // step / power / 64 in 1/2^kWeightBits.
    const int down = shift - kWeightBits + 6;
    const int64_t change = down >= 0 ? step >> down : step * (int64_t{1} << -down);
    weights_[i] = static_cast<int32_t>(std::clamp(weights_[i] + change, -kMaxWeight, kMaxWeight));
  }
  spread_ += (std::min(size, spread_ * 16) - spread_) / 128;
  spread_ = std::max<int64_t>(spread_, 1);
  mean_ += (value - mean_) / 256;

  if (++column_ == columns_) next_row();
}

void ImageGuess::next_row() {
  column_ = 0;
  // Beyond the right border: the last value.
  for (size_t i = 0; i < kMargin; ++i) {
    values_[0][columns_ + kMargin + i] = values_[0][columns_ + kMargin - 1];
    errors_[0][columns_ + kMargin + i] = errors_[0][columns_ + kMargin - 1];
  }
  std::swap(values_[1], values_[2]);
  std::swap(values_[0], values_[1]);
  std::swap(errors_[0], errors_[1]);
  std::swap(zeros_[0], zeros_[1]);
  if (++row_ == rows_) {
    row_ = 0;
    for (auto &row : values_) std::fill(row.begin(), row.end(), mean_);
  } else {
    // Before the left border: the value above the first.
    for (size_t i = 0; i < kMargin; ++i) {
      values_[0][i] = values_[1][kMargin];
      errors_[0][i] = errors_[1][kMargin];
    }
  }
}

}  // namespace feat::native::lossless
