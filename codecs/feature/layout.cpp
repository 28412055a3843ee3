// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/layout.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/dct.h"

namespace feat::native {

namespace {

constexpr uint64_t kJobPoints = uint64_t{1} << 19;
constexpr uint64_t kMinJobRows = 32;
constexpr uint64_t kMaxSpecialRows = 8;
constexpr uint64_t kMinSide = 3;
constexpr uint64_t kMinPlaces = 16;
constexpr uint64_t kMaxPlaces = 1 << 15;
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

namespace {

// Some of a matrix' channels, without their means; `rows` of `channels` values.
struct Sample {
  size_t rows = 0;
  size_t channels = 0;
  std::vector<float> values;
  double energy = 0;

  Sample(const MatrixShape &shape, std::span<const float> tensor, uint64_t matrix)
      : rows(shape.rows) {
    const size_t step = std::max<size_t>(shape.columns / kSampledChannels, 1);
    channels = (shape.columns + step - 1) / step;
    values.resize(rows * channels);
    const float *from = tensor.data() + matrix * shape.rows * shape.columns;
    std::vector<double> means(channels, 0.0);
    for (size_t t = 0; t < rows; ++t) {
      for (size_t c = 0; c < channels; ++c) {
        values[t * channels + c] = from[t * shape.columns + c * step];
        means[c] += values[t * channels + c];
      }
    }
    for (size_t t = 0; t < rows; ++t) {
      for (size_t c = 0; c < channels; ++c) {
        float &value = values[t * channels + c];
        value -= static_cast<float>(means[c] / static_cast<double>(rows));
        energy += double{value} * value;
      }
    }
  }

  // How alike rows are that are `lag` apart, behind the first `special` ones.
  double likeness(size_t special, size_t lag) const {
    double sum = 0;
    for (size_t t = special + lag; t < rows; ++t) {
      float product = 0;
      for (size_t c = 0; c < channels; ++c)
        product += values[t * channels + c] * values[(t - lag) * channels + c];
      sum += double{product};
    }
    return sum / static_cast<double>(rows - special - lag);
  }
};

// The matrix that costs most bits decides for all.
Sample loudest_matrix(const MatrixShape &shape, std::span<const float> values) {
  Sample loudest(shape, values, 0);
  for (uint64_t m = 1; m < shape.matrices; ++m) {
    Sample sample(shape, values, m);
    if (sample.energy > loudest.energy) loudest = std::move(sample);
  }
  return loudest;
}

// Mean logarithm of the energies of rows; what is below `floor` costs nothing.
double mean_log_energy(std::span<const float> rows, size_t channels, double floor) {
  if (channels == 0) return 0;
  double sum = 0;
  for (size_t first = 0; first < rows.size(); first += channels) {
    double energy = floor;
    for (size_t c = 0; c < channels; ++c) energy += double{rows[first + c]} * rows[first + c];
    sum += std::log2(energy);
  }
  const size_t count = rows.size() / channels;
  return sum / static_cast<double>(count);
}

// What part of the bits a transform over the grid saves at this distance between points: energies
// of frequencies against those of places. Of noise both scatter alike.
double gain_of(const Sample &sample, const Grid &grid, double distance) {
  const size_t channels = sample.channels;
  if (channels == 0 || grid.height == 0) return 0;
  const size_t size = sample.values.size() - grid.special_rows * channels;
  const size_t places = size / channels;
  std::vector<float> spectrum(size);
  const float *first = sample.values.data() + grid.special_rows * channels;
  GridTransform(grid.height, places / grid.height).forward(first, channels, spectrum.data());
  std::vector<float> deviations(first, first + size);
  const auto root = static_cast<float>(std::sqrt(static_cast<double>(places)));
  for (size_t i = 0; i < size; ++i) deviations[i] -= spectrum[i % channels] / root;
  // The noise of quantisation covers what is below it.
  const double floor = distance * distance / 3 * static_cast<double>(channels) + 1e-30;
  const double before = mean_log_energy(deviations, channels, floor) - std::log2(floor);
  const double after =
      mean_log_energy(std::span(spectrum).subspan(channels), channels, floor) - std::log2(floor);
  return before > 0 ? 1 - after / before : 0;
}

}  // namespace

std::vector<Grid> grids_of(uint64_t rows) {
  std::vector<Grid> grids;
  if (rows < kMinPlaces || rows > kMaxPlaces) return grids;
  for (uint64_t width = kMinSide; width * kMinSide <= rows; ++width) {
    const uint64_t height = rows / width;
    if (rows % width <= kMaxSpecialRows && height * width >= kMinPlaces && height <= 2 * width &&
        width <= 2 * height)
      grids.push_back({static_cast<uint32_t>(rows % width), static_cast<uint32_t>(height)});
  }
  return grids;
}

GridChoice choose_grid(const MatrixShape &shape, std::span<const float> values, double distance) {
  const std::vector<Grid> grids = grids_of(shape.rows);
  if (grids.empty()) return {};
  const Sample sample = loudest_matrix(shape, values);
  // Rows that are one below the other are alike.
  GridChoice choice;
  double most = -1e300;
  for (const Grid &grid : grids) {
    const double likeness =
        sample.likeness(grid.special_rows, (shape.rows - grid.special_rows) / grid.height);
    if (likeness <= most) continue;
    most = likeness;
    choice.grid = grid;
  }
  choice.gain = gain_of(sample, choice.grid, distance);
  return choice;
}

bool spreads_agree(const MatrixShape &shape, std::span<const float> values) {
  if (shape.matrices < 2 || shape.rows < 2) return true;
  const size_t size = shape.rows * shape.columns;
  const auto first = column_spreads(values.data(), shape.rows, shape.columns);
  // The next one may be another layer, the one in the middle another picture.
  for (const uint64_t m : {uint64_t{1}, shape.matrices / 2}) {
    const auto other = column_spreads(values.data() + m * size, shape.rows, shape.columns);
    double squares = 0;
    for (size_t c = 0; c < first.size(); ++c) {
      const double octaves = std::log2((first[c] + 1e-9) / (other[c] + 1e-9));
      squares += octaves * octaves;
    }
    if (squares >= 0.5 * static_cast<double>(first.size())) return false;
  }
  return true;
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
