// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/analyse_series.h"

#include <algorithm>
#include <cmath>

#include "pipelines/bench/error.h"

namespace feat::bench {

namespace {

// A tensor, or one layer of it, as planes: the last two dimensions.
struct Planes {
  std::vector<float> values;
  size_t rows = 1;
  size_t columns = 1;
};

struct Tensor {
  std::vector<int> shape;
  std::vector<float> values;
};

Tensor read(const Series &series, size_t sample) {
  const Array array = series.read(sample);
  Tensor tensor{array.shape, to_floats(array)};
  const auto bad = std::find_if_not(tensor.values.begin(), tensor.values.end(),
                                    [](float value) { return std::isfinite(value); });
  if (bad != tensor.values.end())
    throw Error(series.describe(sample) + ": element " +
                std::to_string(bad - tensor.values.begin()) + " is not finite");
  return tensor;
}

size_t layers_of(const Series &series, const Tensor &tensor, size_t sample) {
  if (!series.layer_axis) return 1;
  const auto axis = static_cast<size_t>(*series.layer_axis);
  if (axis + 2 >= tensor.shape.size())
    throw Error(series.describe(sample) + ": axis " + std::to_string(axis) +
                " of layers must be in front of the last two of shape " + to_text(tensor.shape));
  return static_cast<size_t>(tensor.shape[axis]);
}

size_t product(const int *begin, const int *end) {
  size_t result = 1;
  for (; begin != end; ++begin) result *= static_cast<size_t>(*begin);
  return result;
}

Planes planes_of(const Series &series, const Tensor &tensor, size_t layer) {
  const std::vector<int> &shape = tensor.shape;
  Planes planes;
  if (!shape.empty()) planes.columns = static_cast<size_t>(shape.back());
  if (shape.size() > 1) planes.rows = static_cast<size_t>(shape[shape.size() - 2]);
  if (!series.layer_axis) {
    planes.values = tensor.values;
    return planes;
  }
  const int *axis = shape.data() + *series.layer_axis;
  const size_t outer = product(shape.data(), axis);
  const size_t inner = product(axis + 1, shape.data() + shape.size());
  for (size_t i = 0; i < outer; ++i) {
    const auto from = tensor.values.begin() +
                      static_cast<ptrdiff_t>((i * static_cast<size_t>(*axis) + layer) * inner);
    planes.values.insert(planes.values.end(), from, from + static_cast<ptrdiff_t>(inner));
  }
  return planes;
}

void add_redundancy(const Planes &planes, const AnalyseOptions &options, Findings &findings) {
  const auto [low, high] = std::minmax_element(planes.values.begin(), planes.values.end());
  const std::pair<float, float> range = options.range.value_or(std::pair(*low, *high));
  const std::vector<uint16_t> codes = to_ten_bits(planes.values, range.first, range.second);
  findings.intensity_variance += variance(codes);
  const size_t plane = planes.rows * planes.columns;
  const auto count = static_cast<double>(codes.size());
  for (size_t at = 0; at < codes.size(); at += plane) {
    const GradientSums sums =
        gradient_sums(std::span(codes).subspan(at, plane), planes.rows, planes.columns);
    findings.gradient_magnitude += sums.length / count;
    findings.gradient_magnitude_8bit += sums.eight_bit / count;
  }
}

Block block_of(const Planes &planes, const AnalyseOptions &options, const std::string &where) {
  Block block;
  block.size = std::min({options.block, planes.rows, planes.columns});
  block.row = (planes.rows - block.size) / 2;
  block.column = (planes.columns - block.size) / 2;
  if (options.block_at) {
    std::tie(block.row, block.column) = *options.block_at;
    if (block.row + block.size > planes.rows || block.column + block.size > planes.columns)
      throw Error(where + ": a block of " + std::to_string(block.size) + " at row " +
                  std::to_string(block.row) + ", column " + std::to_string(block.column) +
                  " is outside a plane of " + std::to_string(planes.rows) + " rows and " +
                  std::to_string(planes.columns) + " columns");
  }
  for (size_t r = 0; r < block.size; ++r)
    for (size_t c = 0; c < block.size; ++c)
      block.values.push_back(planes.values[(block.row + r) * planes.columns + block.column + c]);
  block.dct = dct_of_block(block.values, block.size);
  for (double &value : block.dct) value = std::fabs(value);
  return block;
}

std::string name_of(const Series &series, size_t layer, size_t layers) {
  return layers == 1 ? series.name : series.name + ", layer " + std::to_string(layer + 1);
}

void check_layers(const Series &series, size_t sample, size_t layers, size_t wanted) {
  if (layers != wanted)
    throw Error(series.describe(sample) + ": it has " + std::to_string(layers) +
                " layers, the samples before have " + std::to_string(wanted));
}

}  // namespace

std::vector<Findings> analyse(const Series &series, const AnalyseOptions &options) {
  std::vector<Findings> all;
  for (size_t sample = 0; sample < series.samples; ++sample) {
    const Tensor tensor = read(series, sample);
    const size_t layers = layers_of(series, tensor, sample);
    if (sample == 0) all.resize(layers);
    check_layers(series, sample, layers, all.size());
    for (size_t layer = 0; layer < layers; ++layer) {
      const Planes planes = planes_of(series, tensor, layer);
      Findings &findings = all[layer];
      if (sample == 0) {
        findings.name = name_of(series, layer, layers);
        findings.block = block_of(planes, options, series.describe(sample));
      }
      ++findings.samples;
      findings.statistics.add(planes.values);
      add_redundancy(planes, options, findings);
    }
  }
  for (Findings &findings : all) {
    findings.intensity_variance /= static_cast<double>(findings.samples);
    findings.gradient_magnitude /= static_cast<double>(findings.samples);
    findings.gradient_magnitude_8bit /= static_cast<double>(findings.samples);
    findings.histogram =
        Histogram(findings.statistics.min(), findings.statistics.max(), options.bins);
  }
  for (size_t sample = 0; sample < series.samples; ++sample) {
    const Tensor tensor = read(series, sample);
    for (size_t layer = 0; layer < all.size(); ++layer)
      all[layer].histogram.add(planes_of(series, tensor, layer).values);
  }
  return all;
}

}  // namespace feat::bench
