// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/preparation.h"

#include <algorithm>
#include <cmath>

#include "codecs/hyperprior/geometry.h"

namespace feat::hyperprior {

namespace {

constexpr int kMaxSpecialRows = 8;
// A column becomes a map of its own where the squared difference of neighbours in a row is above
// this part of what it is for strangers.
constexpr double kStrangers = 0.6;
// How much larger a grid may be for its padding.
constexpr double kMaxGridPadding = 1.2;

struct Moments {
  double mean = 0;
  double variance = 0;
  double across = 0;  // mean squared difference of neighbours in a row
};

Moments moments_of(const ConstPlane &plane) {
  double sum = 0;
  double squares = 0;
  double across = 0;
  for (int y = 0; y < plane.height; ++y) {
    const uint16_t *row = plane.samples + y * plane.stride;
    uint64_t row_sum = 0;
    uint64_t row_squares = 0;
    uint64_t row_across = 0;
    for (int x = 0; x < plane.width; ++x) {
      const uint64_t value = row[x];
      row_sum += value;
      row_squares += value * value;
      const int64_t step = x > 0 ? int64_t{row[x]} - row[x - 1] : 0;
      row_across += static_cast<uint64_t>(step * step);
    }
    sum += static_cast<double>(row_sum);
    squares += static_cast<double>(row_squares);
    across += static_cast<double>(row_across);
  }
  const double count = static_cast<double>(plane.width) * plane.height;
  Moments m;
  m.mean = sum / count;
  m.variance = std::max(0.0, squares / count - m.mean * m.mean);
  m.across = plane.width > 1 ? across / (count - plane.height) : 0;
  return m;
}

// A grid of places behind a few special rows, or lines of one block.
void choose_map(const ModelDescription &model, int height, Preparation &how) {
  how.map_width = std::min(model.latent_stride, height);
  for (int special = 0; special <= std::min(kMaxSpecialRows, height - 1); ++special) {
    const int places = height - special;
    const auto side = static_cast<int>(std::lround(std::sqrt(places)));
    if (side * side != places || side < model.latent_stride) continue;
    const double padded =
        std::ceil(static_cast<double>(side) / model.latent_stride) * model.latent_stride / side;
    if (padded * padded > kMaxGridPadding) continue;
    how.special_rows = special;
    how.map_width = side;
    return;
  }
}

struct Scaling {
  float offset = 0;
  float factor = 1;
  float operator()(uint16_t code) const { return (static_cast<float>(code) - offset) * factor; }
};

Scaling scaling_of(const ModelDescription &model, const Preparation &how, int bit_depth) {
  if (model.input == Input::kUnitRange) return {0, 1.0F / static_cast<float>((1 << bit_depth) - 1)};
  return {static_cast<float>(how.mean), 1.0F / deviation_of(how.deviation_code)};
}

void prepare_rows(const ModelDescription &model, const ConstPlane &plane, const Scaling &scale,
                  Prepared &out) {
  const RowGeometry g = row_geometry(model, plane.width, plane.height);
  const bool repeat = model.input == Input::kNormalised;  // others are padded with zeros
  for (int y = 0; y < g.height; ++y) {
    const int from = y - g.top;
    const bool inside = from >= 0 && from < plane.height;
    if (!inside && !repeat) continue;
    const uint16_t *row = plane.samples + std::clamp(from, 0, plane.height - 1) * plane.stride;
    float *to = out.samples.data() + static_cast<size_t>(y) * static_cast<size_t>(g.width);
    for (int x = 0; x < plane.width; ++x) to[g.left + x] = scale(row[x]);
    if (repeat) std::fill(to + plane.width, to + g.width, scale(row[plane.width - 1]));
  }
}

void prepare_columns(const ModelDescription &model, const ConstPlane &plane, const Scaling &scale,
                     Prepared &out) {
  const ColumnGeometry g = column_geometry(model, out.how, plane.width, plane.height);
  const int special = out.how.special_rows;
  const int map_width = out.how.map_width;
  float *to = out.samples.data();
  for (int y = 0; y < special; ++y)
    for (int x = 0; x < plane.width; ++x) *to++ = scale(plane.samples[y * plane.stride + x]);
  const int places = plane.height - special;
  for (int c = 0; c < plane.width; ++c) {
    const int top = g.special_lines + c / g.across * g.cell_height;
    const int left = c % g.across * g.cell_width;
    const uint16_t *column = plane.samples + special * plane.stride + c;
    for (int y = 0; y < g.cell_height; ++y) {
      float *line =
          out.samples.data() + static_cast<size_t>(top + y) * static_cast<size_t>(g.width) + left;
      for (int x = 0; x < g.cell_width; ++x) {
        const int place = std::min(y, g.map_height - 1) * map_width + std::min(x, map_width - 1);
        line[x] = scale(column[std::min(place, places - 1) * plane.stride]);
      }
    }
  }
}

struct Unscaling {
  float offset = 0;
  float factor = 1;
  float highest = 0;
  uint16_t operator()(float value) const {
    const float code = value * factor + offset;
    // In this order what is no number becomes the highest.
    return static_cast<uint16_t>(std::lrint(std::max(0.0F, std::min(highest, code))));
  }
};

}  // namespace

float deviation_of(int code) {
  return std::exp2(static_cast<float>(code) / 8 - 4);
}

Prepared prepare(const ModelDescription &model, const ConstPlane &plane, int bit_depth) {
  Prepared out;
  if (model.input == Input::kNormalised) {
    const Moments m = moments_of(plane);
    out.how.mean = static_cast<int>(std::lround(m.mean));
    const double deviation = std::sqrt(std::max(m.variance, 1e-6));
    out.how.deviation_code =
        std::clamp(static_cast<int>(std::lround(8 * (std::log2(deviation) + 4))), 0, 255);
    if (m.across > kStrangers * 2 * m.variance && m.variance > 0) {
      out.how.layout = Layout::kColumns;
      choose_map(model, plane.height, out.how);
      prepared_size(model, out.how, plane.width, plane.height, out.width, out.height);
      if (out.height == 0) {
        out.how.layout = Layout::kRows;
        out.how.special_rows = out.how.map_width = 0;
      }
    }
  }
  prepared_size(model, out.how, plane.width, plane.height, out.width, out.height);
  out.samples.assign(static_cast<size_t>(out.width) * static_cast<size_t>(out.height), 0.0F);
  const Scaling scale = scaling_of(model, out.how, bit_depth);
  if (out.how.layout == Layout::kRows) {
    prepare_rows(model, plane, scale, out);
  } else {
    prepare_columns(model, plane, scale, out);
  }
  return out;
}

void restore(const ModelDescription &model, const Preparation &how, const float *samples,
             int bit_depth, const Plane &plane) {
  const Scaling scale = scaling_of(model, how, bit_depth);
  const Unscaling code{scale.offset, 1 / scale.factor, static_cast<float>((1 << bit_depth) - 1)};
  if (how.layout == Layout::kRows) {
    const RowGeometry g = row_geometry(model, plane.width, plane.height);
    for (int y = 0; y < plane.height; ++y) {
      const float *from =
          samples + static_cast<size_t>(g.top + y) * static_cast<size_t>(g.width) + g.left;
      uint16_t *to = plane.samples + y * plane.stride;
      for (int x = 0; x < plane.width; ++x) to[x] = code(from[x]);
    }
    return;
  }
  const ColumnGeometry g = column_geometry(model, how, plane.width, plane.height);
  const float *special = samples;
  for (int y = 0; y < how.special_rows; ++y)
    for (int x = 0; x < plane.width; ++x) plane.samples[y * plane.stride + x] = code(*special++);
  for (int y = how.special_rows; y < plane.height; ++y) {
    const int place = y - how.special_rows;
    uint16_t *to = plane.samples + y * plane.stride;
    for (int c = 0; c < plane.width; ++c) {
      const int top = g.special_lines + c / g.across * g.cell_height + place / how.map_width;
      const int left = c % g.across * g.cell_width + place % how.map_width;
      to[c] = code(samples[static_cast<size_t>(top) * static_cast<size_t>(g.width) +
                           static_cast<size_t>(left)]);
    }
  }
}

}  // namespace feat::hyperprior
