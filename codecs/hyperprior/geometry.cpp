// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/geometry.h"

#include <numeric>

namespace feat::hyperprior {

namespace {

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Where padding makes more than that of a plane the layout does not fit it.
constexpr int64_t kMaxGrowth = 4;

}  // namespace

RowGeometry row_geometry(const ModelDescription &model, int width, int height) {
  RowGeometry g;
  g.width = static_cast<int>(round_up(width, model.alignment));
  g.height = static_cast<int>(round_up(height, model.alignment));
  if (model.input == Input::kUnitRange) {
    g.left = (g.width - width) / 2;
    g.top = (g.height - height) / 2;
  }
  return g;
}

ColumnGeometry column_geometry(const ModelDescription &model, const Preparation &how, int width,
                               int height) {
  ColumnGeometry g;
  const int places = height - how.special_rows;
  if (how.special_rows < 0 || places < 1 || how.map_width < 1 || how.map_width > places) return g;
  const int block = model.latent_stride;
  g.map_height = (places + how.map_width - 1) / how.map_width;
  g.cell_width = static_cast<int>(round_up(how.map_width, block));
  g.cell_height = static_cast<int>(round_up(g.map_height, block));
  g.across = model.alignment / std::gcd(model.alignment, g.cell_width);
  g.width = g.across * g.cell_width;
  const int64_t special = int64_t{how.special_rows} * width;
  const int64_t lines = round_up((special + g.width - 1) / g.width, block);
  const int64_t maps = int64_t{(width + g.across - 1) / g.across} * g.cell_height;
  const int64_t all = round_up(lines + maps, model.alignment);
  if (all * g.width > kMaxGrowth * width * height) return g;
  g.special_lines = static_cast<int>(lines);
  g.height = static_cast<int>(all);
  return g;
}

void prepared_size(const ModelDescription &model, const Preparation &how, int width, int height,
                   int &prepared_width, int &prepared_height) {
  if (how.layout == Layout::kRows) {
    const RowGeometry g = row_geometry(model, width, height);
    prepared_width = g.width;
    prepared_height = g.height;
    return;
  }
  const ColumnGeometry g = column_geometry(model, how, width, height);
  prepared_width = g.height > 0 ? g.width : 0;
  prepared_height = g.height;
}

}  // namespace feat::hyperprior
