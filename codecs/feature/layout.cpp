// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/layout.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/dct.h"

namespace feat::native {

namespace {

constexpr uint64_t kJobPoints = uint64_t{1} << 19;
constexpr uint64_t kMinJobRows = 32;
constexpr uint32_t kMaxSpecialRows = 8;
constexpr size_t kSampledChannels = 64;

// Mean absolute deviation of each column of a matrix from the column's mean.
std::vector<double> column_spreads(const float *matrix, size_t rows, size_t columns) {
  std::vector<double> means(columns, 0.0);
  std::vector<double> spreads(columns, 0.0);
  for (size_t t = 0; t < rows; ++t) {
    for (size_t c = 0; c < columns; ++c) means[c] += matrix[t * columns + c];
  }
  for (double &m : means) m /= static_cast<double>(rows);
  for (size_t t = 0; t < rows; ++t) {
    for (size_t c = 0; c < columns; ++c)
      spreads[c] += std::fabs(matrix[t * columns + c] - means[c]);
  }
  for (double &s : spreads) s /= static_cast<double>(rows);
  return spreads;
}

}  // namespace

MatrixShape::MatrixShape(std::span<const uint32_t> shape) {
  for (size_t i = 0; i < shape.size(); ++i) {
    uint64_t &part = i + 1 == shape.size() ? columns : (i + 2 == shape.size() ? rows : matrices);
    part *= shape[i];
  }
}

std::vector<Job> split_jobs(const MatrixShape &shape, bool whole) {
  std::vector<Job> jobs;
  if (shape.points() == 0) return jobs;
  const uint64_t matrix_points = shape.rows * shape.columns;
  if (!whole && matrix_points >= 2 * kJobPoints) {
    const uint64_t parts = std::clamp(matrix_points / kJobPoints, uint64_t{1},
                                      std::max<uint64_t>(shape.rows / kMinJobRows, 1));
    for (uint64_t m = 0; m < shape.matrices; ++m) {
      for (uint64_t p = 0; p < parts; ++p) {
        const uint64_t first = shape.rows * p / parts;
        jobs.push_back({m, 1, first, shape.rows * (p + 1) / parts - first});
      }
    }
    return jobs;
  }
  const uint64_t together = std::max<uint64_t>(kJobPoints / matrix_points, 1);
  for (uint64_t m = 0; m < shape.matrices; m += together)
    jobs.push_back({m, std::min(together, shape.matrices - m), 0, shape.rows});
  return jobs;
}

Grid find_grid(uint64_t rows) {
  for (uint32_t special = 0; special <= kMaxSpecialRows && special + 16 <= rows; ++special) {
    const auto side =
        static_cast<uint64_t>(std::llround(std::sqrt(static_cast<double>(rows - special))));
    if (side * side == rows - special) return {special, static_cast<uint32_t>(side)};
  }
  return {};
}

double grid_gain(const MatrixShape &shape, std::span<const float> values, const Grid &grid,
                 double distance) {
  const size_t places = shape.rows - grid.special_rows;
  const size_t step = std::max<size_t>(shape.columns / kSampledChannels, 1);
  const size_t channels = (shape.columns + step - 1) / step;
  std::vector<float> sample(places * channels);
  for (size_t t = 0; t < places; ++t) {
    for (size_t c = 0; c < channels; ++c)
      sample[t * channels + c] = values[(grid.special_rows + t) * shape.columns + c * step];
  }
  std::vector<float> spectrum(sample.size());
  GridTransform(grid.height, places / grid.height)
      .forward(sample.data(), channels, spectrum.data());
  // The noise of quantisation covers what is below it.
  const double floor = distance * distance / 3 * static_cast<double>(channels) + 1e-30;
  std::vector<double> spreads(channels, 0.0);
  double total = 0;
  double logarithms = 0;
  for (size_t f = 1; f < places; ++f) {
    double energy = 0;
    for (size_t c = 0; c < channels; ++c) {
      const double square = double{spectrum[f * channels + c]} * spectrum[f * channels + c];
      spreads[c] += square;
      energy += square;
    }
    total += energy;
    logarithms += std::log2(energy + floor);
  }
  const auto count = static_cast<double>(places - 1);
  const double mean = total / count + floor;
  // Of pure noise the energies of few channels scatter, which looks like a gain of 0.72 bits over
  // their number; a channel counts as far as it has a part in the energy.
  double scatter = 0;
  for (const double spread : spreads) scatter += spread / count / mean * (spread / count / mean);
  return 0.5 * (std::log2(mean) - logarithms / count) - 0.72 * scatter;
}

bool spreads_agree(const MatrixShape &shape, std::span<const float> values) {
  if (shape.matrices < 2 || shape.rows < 2) return true;
  const size_t size = shape.rows * shape.columns;
  const auto first = column_spreads(values.data(), shape.rows, shape.columns);
  const auto second =
      column_spreads(values.data() + (shape.matrices / 2) * size, shape.rows, shape.columns);
  double squares = 0;
  for (size_t c = 0; c < first.size(); ++c) {
    const double octaves = std::log2((first[c] + 1e-9) / (second[c] + 1e-9));
    squares += octaves * octaves;
  }
  return squares < 0.5 * static_cast<double>(first.size());
}

double spread_of(const MatrixShape &shape, std::span<const float> values) {
  const size_t size = shape.rows * shape.columns;
  double sum = 0;
  // Of single rows the mean of all values takes the place of the columns'.
  const bool flat = shape.rows < 4;
  for (uint64_t m = 0; m < shape.matrices; ++m) {
    const float *matrix = values.data() + m * size;
    const auto spreads =
        flat ? column_spreads(matrix, size, 1) : column_spreads(matrix, shape.rows, shape.columns);
    for (const double s : spreads) sum += s / static_cast<double>(spreads.size());
  }
  return 1.2533 * sum / static_cast<double>(shape.matrices);
}

}  // namespace feat::native
