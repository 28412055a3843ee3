// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/dct.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "codecs/feature/matrix.h"

namespace feat::native {

namespace {

constexpr double kPi = 3.14159265358979323846;

std::vector<float> transposed(const std::vector<float> &matrix, size_t size) {
  std::vector<float> result(matrix.size());
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) result[j * size + i] = matrix[i * size + j];
  }
  return result;
}

}  // namespace

std::vector<float> dct_basis(size_t size) {
  std::vector<float> basis(size * size);
  const double n = static_cast<double>(size);
  for (size_t f = 0; f < size; ++f) {
    const double scale = std::sqrt((f == 0 ? 1.0 : 2.0) / n);
    for (size_t x = 0; x < size; ++x) {
      const double angle =
          kPi * (2.0 * static_cast<double>(x) + 1) * static_cast<double>(f) / (2 * n);
      basis[f * size + x] = static_cast<float>(scale * std::cos(angle));
    }
  }
  return basis;
}

GridTransform::GridTransform(size_t height, size_t width)
    : height_(height),
      width_(width),
      rows_(dct_basis(height)),
      columns_(dct_basis(width)),
      rows_inverse_(transposed(rows_, height)),
      columns_inverse_(transposed(columns_, width)),
      order_(height * width) {
  // By distance from the lowest frequency, with both directions scaled to the same length.
  const auto distance = [&](size_t place) {
    const uint64_t y = place / width_ * width_;
    const uint64_t x = place % width_ * height_;
    return y * y + x * x;
  };
  std::iota(order_.begin(), order_.end(), size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](size_t a, size_t b) { return distance(a) < distance(b); });
}

void GridTransform::forward(const float *places, size_t channels, float *frequencies) {
  const size_t line = width_ * channels;
  scratch_.resize(height_ * line);
  spectrum_.resize(height_ * line);
  multiply(rows_.data(), places, height_, height_, line, scratch_.data());
  for (size_t y = 0; y < height_; ++y) {
    multiply(columns_.data(), scratch_.data() + y * line, width_, width_, channels,
             spectrum_.data() + y * line);
  }
  for (size_t i = 0; i < order_.size(); ++i) {
    std::copy_n(spectrum_.data() + order_[i] * channels, channels, frequencies + i * channels);
  }
}

void GridTransform::inverse(const float *frequencies, size_t channels, float *places) {
  const size_t line = width_ * channels;
  scratch_.resize(height_ * line);
  spectrum_.resize(height_ * line);
  for (size_t i = 0; i < order_.size(); ++i) {
    std::copy_n(frequencies + i * channels, channels, spectrum_.data() + order_[i] * channels);
  }
  for (size_t y = 0; y < height_; ++y) {
    multiply(columns_inverse_.data(), spectrum_.data() + y * line, width_, width_, channels,
             scratch_.data() + y * line);
  }
  multiply(rows_inverse_.data(), scratch_.data(), height_, height_, line, places);
}

}  // namespace feat::native
