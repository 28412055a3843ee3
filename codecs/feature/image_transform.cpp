// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_transform.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/dct.h"
#include "codecs/feature/matrix.h"

namespace feat::native {

namespace {

constexpr size_t kHalf = 4;  // samples that a filter changes on each side of an edge
constexpr double kPi = 3.14159265358979323846;
constexpr float kRoot = 0.70710678F;

using Core = std::array<std::array<float, kHalf>, kHalf>;

std::vector<float> transposed(const std::vector<float> &matrix, size_t size) {
  std::vector<float> result(matrix.size());
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) result[j * size + i] = matrix[i * size + j];
  }
  return result;
}

// The product of a transposed DCT-II and a DCT-IV, both of size 4, with its rows and its columns in
// reverse order.
Core make_core() {
  const std::vector<float> second = dct_basis(kHalf);
  Core core{};
  for (size_t i = 0; i < kHalf; ++i) {
    for (size_t j = 0; j < kHalf; ++j) {
      double sum = 0;
      for (size_t f = 0; f < kHalf; ++f) {
        const double angle =
            kPi / kHalf * (static_cast<double>(f) + 0.5) * (static_cast<double>(j) + 0.5);
        sum += second[f * kHalf + i] * std::sqrt(2.0 / kHalf) * std::cos(angle);
      }
      core[kHalf - 1 - i][kHalf - 1 - j] = static_cast<float>(sum);
    }
  }
  return core;
}

// Filters eight samples `stride` apart, four on each side of an edge: sums and differences of
// samples that mirror each other, the core on the differences, and back.
void filter(float *first, size_t stride, const Core &core, bool inverse) {
  std::array<float, kHalf> sums;
  std::array<float, kHalf> differences;
  for (size_t i = 0; i < kHalf; ++i) {
    const float left = first[i * stride];
    const float right = first[(2 * kHalf - 1 - i) * stride];
    sums[i] = (left + right) * kRoot;
    differences[kHalf - 1 - i] = (left - right) * kRoot;
  }
  std::array<float, kHalf> changed{};
  for (size_t i = 0; i < kHalf; ++i) {
    for (size_t j = 0; j < kHalf; ++j)
      changed[i] += (inverse ? core[j][i] : core[i][j]) * differences[j];
  }
  for (size_t i = 0; i < kHalf; ++i) {
    first[i * stride] = (sums[i] + changed[kHalf - 1 - i]) * kRoot;
    first[(2 * kHalf - 1 - i) * stride] = (sums[i] - changed[kHalf - 1 - i]) * kRoot;
  }
}

}  // namespace

ImageTransform::ImageTransform(const BlockGrid &grid) : grid_(grid) {
  const auto make = [](size_t size) {
    Basis basis{dct_basis(size), {}};
    basis.inverse = transposed(basis.forward, size);
    return basis;
  };
  rows_ = {make(kBlockSide), make(grid.rows().back().size)};
  columns_ = {make(kBlockSide), make(grid.columns().back().size)};
}

// The filters of both directions change places without consequence, except for rounding.
void ImageTransform::filter_edges(float *samples, bool inverse) const {
  static const Core core = make_core();
  const size_t width = grid_.width();
  for (size_t i = 1; i < grid_.rows().size(); ++i) {
    float *line = samples + (grid_.rows()[i].first - kHalf) * width;
    for (size_t x = 0; x < width; ++x) filter(line + x, width, core, inverse);
  }
  for (size_t y = 0; y < grid_.height(); ++y) {
    for (size_t i = 1; i < grid_.columns().size(); ++i)
      filter(samples + y * width + grid_.columns()[i].first - kHalf, 1, core, inverse);
  }
}

void ImageTransform::forward(const float *samples, size_t channels, size_t channel,
                             float *coefficients) const {
  const size_t width = grid_.width();
  std::vector<float> filtered(samples, samples + grid_.height() * width);
  filter_edges(filtered.data(), false);
  std::vector<float> lines;
  std::vector<float> block;
  std::vector<float> spectrum;
  for (size_t r = 0; r < grid_.rows().size(); ++r) {
    const Extent row = grid_.rows()[r];
    lines.resize(row.size * width);
    multiply(rows_basis(r).forward.data(), filtered.data() + row.first * width, row.size, row.size,
             width, lines.data());
    for (size_t c = 0; c < grid_.columns().size(); ++c) {
      const Extent column = grid_.columns()[c];
      const BlockKind &kind = grid_.kind(r, c);
      block.resize(kind.size());
      spectrum.resize(kind.size());
      for (size_t y = 0; y < row.size; ++y)
        std::copy_n(lines.data() + y * width + column.first, column.size,
                    block.data() + y * column.size);
      multiply(block.data(), columns_basis(c).inverse.data(), row.size, column.size, column.size,
               spectrum.data());
      float *out = coefficients + channels * grid_.offset(r, c) + channel * kind.size();
      for (size_t k = 0; k < kind.size(); ++k) out[k] = spectrum[kind.place[k]];
    }
  }
}

void ImageTransform::inverse(const float *coefficients, size_t channels, size_t channel,
                             float *samples) const {
  const size_t width = grid_.width();
  std::vector<float> lines;
  std::vector<float> block;
  std::vector<float> spectrum;
  for (size_t r = 0; r < grid_.rows().size(); ++r) {
    const Extent row = grid_.rows()[r];
    lines.resize(row.size * width);
    for (size_t c = 0; c < grid_.columns().size(); ++c) {
      const Extent column = grid_.columns()[c];
      const BlockKind &kind = grid_.kind(r, c);
      block.resize(kind.size());
      spectrum.resize(kind.size());
      const float *in = coefficients + channels * grid_.offset(r, c) + channel * kind.size();
      for (size_t k = 0; k < kind.size(); ++k) spectrum[kind.place[k]] = in[k];
      multiply(spectrum.data(), columns_basis(c).forward.data(), row.size, column.size, column.size,
               block.data());
      for (size_t y = 0; y < row.size; ++y)
        std::copy_n(block.data() + y * column.size, column.size,
                    lines.data() + y * width + column.first);
    }
    multiply(rows_basis(r).inverse.data(), lines.data(), row.size, row.size, width,
             samples + row.first * width);
  }
  filter_edges(samples, true);
}

}  // namespace feat::native
