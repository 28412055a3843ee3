// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/tiles.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace feat::hyperprior {

namespace {

using Op = Layer::Op;

constexpr int64_t kMaxParts = 4096;  // of a side

// Products of the strides.
void add_scales(const Network &network, Extent &extent) {
  for (const Layer &layer : network) {
    if (layer.op == Op::kConv) extent.down *= layer.stride;
    if (layer.op == Op::kDeconv) extent.up *= layer.stride;
    add_scales(layer.inner, extent);
  }
}

// Samples of the input around a tile that reach `margin` samples of the output around it.
int margin_before(const Network &network, int margin) {
  for (auto layer = network.rbegin(); layer != network.rend(); ++layer) {
    const int padding = layer->kernel == layer->stride ? 0 : layer->kernel / 2;
    if (layer->op == Op::kConv) margin = margin * layer->stride + padding;
    if (layer->op == Op::kDeconv) margin = (margin + padding + layer->stride - 1) / layer->stride;
    margin = margin_before(layer->inner, margin);
  }
  return margin;
}

// Walks through the maps; `scale` is the samples of a cell's side.
double largest_map(const Network &network, double &scale) {
  double largest = 0;
  for (const Layer &layer : network) {
    largest = std::max(largest, layer.in * scale * scale);
    if (layer.op == Op::kConv) scale /= layer.stride;
    if (layer.op == Op::kDeconv) scale *= layer.stride;
    largest = std::max(largest, layer.out * scale * scale);
    largest = std::max(largest, largest_map(layer.inner, scale));
  }
  return largest;
}

// A stretch of cells of a side.
struct Stretch {
  int64_t begin = 0;
  int64_t end = 0;
};

// What a tile gives, and what it needs for that.
struct Side {
  Stretch gives;
  Stretch needs;

  // What it gives, seen from where it begins.
  Stretch inside() const { return {gives.begin - needs.begin, gives.end - needs.begin}; }
};

std::vector<Side> parts(int64_t cells, int64_t count, int64_t margin) {
  std::vector<Side> sides;
  for (int64_t i = 0; i < count; ++i) {
    const Stretch gives = {cells * i / count, cells * (i + 1) / count};
    sides.push_back(
        {gives, {std::max<int64_t>(gives.begin - margin, 0), std::min(gives.end + margin, cells)}});
  }
  return sides;
}

// Into how many parts sides of so many cells are cut.
struct Cut {
  int64_t rows = 1;
  int64_t columns = 1;
};

// The cut that computes least, of those whose tiles have `limit` cells at most.
Cut choose_cut(int64_t height, int64_t width, int64_t margin, double limit) {
  // What remains where the limit is too small: tiles a little larger than their margins.
  const int64_t side = 2 * margin + 1;
  Cut best = {(height + side - 1) / side, (width + side - 1) / side};
  auto least = std::numeric_limits<double>::max();
  for (int64_t columns = 1; columns <= std::min(width, kMaxParts); ++columns) {
    const int64_t wide = std::min(width, (width + columns - 1) / columns + 2 * margin);
    const auto room = static_cast<int64_t>(std::min(limit / double(wide), double(height)));
    const int64_t high = room >= height ? height : room - 2 * margin;
    if (high < 1) continue;
    const int64_t rows = (height + high - 1) / high;
    const double cells =
        double(rows) * double(std::min(height, high + 2 * margin)) * double(columns) * double(wide);
    if (cells < least) {
      least = cells;
      best = {rows, columns};
    }
  }
  return best;
}

at::Tensor part_of(const at::Tensor &x, const Stretch &rows, const Stretch &columns,
                   int64_t scale) {
  return x.slice(2, rows.begin * scale, rows.end * scale)
      .slice(3, columns.begin * scale, columns.end * scale);
}

}  // namespace

Extent extent_of(const Network &network) {
  Extent extent;
  add_scales(network, extent);
  const int samples = margin_before(network, 0);
  extent.margin = (samples + extent.down - 1) / extent.down;
  double scale = extent.down;
  extent.cell_values = largest_map(network, scale);
  return extent;
}

at::Tensor run_in_tiles(const Network &network, const Weights &weights,
                        const at::TensorOptions &where, const at::Tensor &x, int64_t max_values) {
  const Extent extent = extent_of(network);
  const int64_t height = x.size(2) / extent.down;
  const int64_t width = x.size(3) / extent.down;
  const Cut cut = choose_cut(height, width, extent.margin,
                             double(max_values) / std::max(extent.cell_values, 1.0));
  at::Tensor result;
  for (const Side &rows : parts(height, cut.rows, extent.margin)) {
    for (const Side &columns : parts(width, cut.columns, extent.margin)) {
      const at::Tensor tile = part_of(x, rows.needs, columns.needs, extent.down)
                                  .to(where)
                                  .contiguous(at::MemoryFormat::ChannelsLast);
      const at::Tensor y = run(network, weights, tile);
      if (!result.defined())
        result = at::empty({1, y.size(1), height * extent.up, width * extent.up}, x.options());
      part_of(result, rows.gives, columns.gives, extent.up)
          .copy_(part_of(y, rows.inside(), columns.inside(), extent.up));
    }
  }
  return result;
}

}  // namespace feat::hyperprior
