// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/analyse_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace feat::bench {

namespace {

constexpr double kTenBits = 1023;
constexpr int kEightBits = 255;

// A row or column in front of the first, or behind the last.
size_t mirrored(ptrdiff_t place, size_t size) {
  if (size == 1) return 0;
  if (place < 0) return static_cast<size_t>(-place);
  const auto at = static_cast<size_t>(place);
  return at < size ? at : 2 * size - 2 - at;
}

}  // namespace

void ValueStatistics::add(std::span<const float> values) {
  if (values.empty()) return;
  double sum = 0;
  for (const float value : values) {
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    sum += value;
  }
  const auto added = static_cast<double>(values.size());
  const double mean = sum / added;
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  // The parts are put together without large numbers that cancel.
  const auto before = static_cast<double>(count_);
  const double distance = mean - mean_;
  squares_ += squares + distance * distance * before * added / (before + added);
  mean_ += distance * added / (before + added);
  count_ += values.size();
}

Histogram::Histogram(float min, float max, size_t bins)
    : min_(min), width_(static_cast<double>(max) - min), counts_(bins) {}

void Histogram::add(std::span<const float> values) {
  const double last = static_cast<double>(bins()) - 1;
  const double scale = width_ > 0 ? static_cast<double>(bins()) / width_ : 0;
  for (const float value : values)
    ++counts_[static_cast<size_t>(std::clamp((value - min_) * scale, 0.0, last))];
  total_ += values.size();
}

double Histogram::edge(size_t bin) const {
  return min_ + width_ * static_cast<double>(bin) / static_cast<double>(bins());
}

std::vector<double> Histogram::cumulative() const {
  std::vector<double> shares;
  uint64_t below = 0;
  for (const uint64_t count : counts_) {
    below += count;
    shares.push_back(total_ > 0 ? static_cast<double>(below) / static_cast<double>(total_) : 0);
  }
  return shares;
}

std::vector<uint16_t> to_ten_bits(std::span<const float> values, float min, float max) {
  std::vector<uint16_t> codes(values.size());
  const double width = static_cast<double>(max) - min;
  if (width <= 0) return codes;
  const double scale = kTenBits / width;
  std::transform(values.begin(), values.end(), codes.begin(), [&](float value) {
    const double code = (static_cast<double>(value) - min) * scale;
    return static_cast<uint16_t>(std::clamp(code, 0.0, kTenBits) + 0.5);
  });
  return codes;
}

double variance(std::span<const uint16_t> values) {
  if (values.empty()) return 0;
  uint64_t sum = 0;
  uint64_t squares = 0;  // 2^28 values of 10 bits stay below 2^48
  for (const uint64_t value : values) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(values.size());
  const double mean = static_cast<double>(sum) / count;
  return std::max(0.0, static_cast<double>(squares) / count - mean * mean);
}

GradientSums gradient_sums(std::span<const uint16_t> plane, size_t rows, size_t columns) {
  GradientSums sums;
  for (size_t r = 0; r < rows; ++r) {
    const auto row = static_cast<ptrdiff_t>(r);
    const uint16_t *above = &plane[mirrored(row - 1, rows) * columns];
    const uint16_t *here = &plane[r * columns];
    const uint16_t *below = &plane[mirrored(row + 1, rows) * columns];
    for (size_t c = 0; c < columns; ++c) {
      const size_t left = mirrored(static_cast<ptrdiff_t>(c) - 1, columns);
      const size_t right = mirrored(static_cast<ptrdiff_t>(c) + 1, columns);
      const int across =
          above[right] - above[left] + 2 * (here[right] - here[left]) + below[right] - below[left];
      const int down =
          below[left] - above[left] + 2 * (below[c] - above[c]) + below[right] - above[right];
      sums.length += std::sqrt(static_cast<double>(across * across + down * down));
      sums.eight_bit +=
          (std::min(std::abs(across), kEightBits) + std::min(std::abs(down), kEightBits)) / 2.0;
    }
  }
  return sums;
}

std::vector<double> dct_of_block(std::span<const double> block, size_t size) {
  std::vector<double> basis(size * size);
  const auto n = static_cast<double>(size);
  for (size_t k = 0; k < size; ++k)
    for (size_t i = 0; i < size; ++i)
      basis[k * size + i] =
          std::sqrt((k == 0 ? 1 : 2) / n) *
          std::cos(std::numbers::pi * (static_cast<double>(i) + 0.5) * static_cast<double>(k) / n);
  // Rows first, each result transposed: twice gives back the order.
  const auto pass = [&](std::span<const double> from) {
    std::vector<double> to(size * size);
    for (size_t r = 0; r < size; ++r)
      for (size_t k = 0; k < size; ++k)
        for (size_t i = 0; i < size; ++i)
          to[k * size + r] += basis[k * size + i] * from[r * size + i];
    return to;
  };
  return pass(pass(block));
}

}  // namespace feat::bench
