// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/dct.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "codecs/feature/matrix.h"

namespace feat::native {

namespace {

// Channels are transformed in strips of about so many values, which stay in the cache.
constexpr size_t kStripValues = 1 << 14;
constexpr size_t kMinStrip = 32;

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

// Calls each(first, count) for strips of channels.
template <class Each>
void GridTransform::for_strips(size_t channels, Each &&each) {
  const size_t places = order_.size();
  const size_t strip = std::max(kStripValues / places / kMinStrip, size_t{1}) * kMinStrip;
  block_.resize(places * std::min(strip, channels));
  scratch_.resize(block_.size());
  for (size_t first = 0; first < channels; first += strip)
    each(first, std::min(strip, channels - first));
}

void GridTransform::forward(const float *places, size_t channels, float *frequencies) {
  for_strips(channels, [&](size_t first, size_t count) {
    const size_t line = width_ * count;
    for (size_t i = 0; i < order_.size(); ++i)
      std::copy_n(places + i * channels + first, count, block_.data() + i * count);
    multiply(rows_.data(), block_.data(), height_, height_, line, scratch_.data());
    for (size_t y = 0; y < height_; ++y)
      multiply(columns_.data(), scratch_.data() + y * line, width_, width_, count,
               block_.data() + y * line);
    for (size_t i = 0; i < order_.size(); ++i)
      std::copy_n(block_.data() + order_[i] * count, count, frequencies + i * channels + first);
  });
}

void GridTransform::inverse(const float *frequencies, size_t channels, float *places) {
  for_strips(channels, [&](size_t first, size_t count) {
    const size_t line = width_ * count;
    for (size_t i = 0; i < order_.size(); ++i)
      std::copy_n(frequencies + i * channels + first, count, block_.data() + order_[i] * count);
    for (size_t y = 0; y < height_; ++y)
      multiply(columns_inverse_.data(), block_.data() + y * line, width_, width_, count,
               scratch_.data() + y * line);
    multiply(rows_inverse_.data(), scratch_.data(), height_, height_, line, block_.data());
    for (size_t i = 0; i < order_.size(); ++i)
      std::copy_n(block_.data() + i * count, count, places + i * channels + first);
  });
}

}  // namespace feat::native
