// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/packing.h"

#include <algorithm>
#include <cmath>

#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/train/error.h"

namespace feat::hyperprior::train {

namespace {

constexpr int kMosaicChannels = 16;
constexpr int kMosaicSide = 4;

std::string to_text(const std::vector<int> &shape) {
  std::string text;
  for (const int side : shape) text += (text.empty() ? "" : ",") + std::to_string(side);
  return "(" + text + ")";
}

Ranges own_range(const std::vector<float> &values) {
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  return {{*min}, {*max > *min ? double{*max} : *min + 1.0}, -1};
}

// A tensor as [n, c, h, w], n planes or one, and how the channels of a plane lie.
struct Layout4 {
  size_t n = 1, c = 1, h = 1, w = 1;
  bool mosaic = false;
  bool one_plane = true;  // of all n
};

Layout4 layout_of(const std::string &name, const std::vector<int> &shape) {
  const auto side = [&](size_t i) { return static_cast<size_t>(shape[i]); };
  Layout4 l;
  switch (shape.size()) {
    case 2:
      l = {1, 1, side(0), side(1), false, true};
      break;
    case 3:
      if (shape[0] == kMosaicChannels && shape[1] == shape[2])
        l = {1, side(0), side(1), side(2), true, false};
      else
        l = {side(0), 1, side(1), side(2), false, false};
      break;
    case 4:
      l = {side(0), side(1), side(2), side(3), false, true};
      l.mosaic = shape[1] == kMosaicChannels && shape[2] == shape[3];
      l.one_plane = !l.mosaic;
      break;
    default:
      throw Error(name + ": its shape " + to_text(shape) + " has " + std::to_string(shape.size()) +
                  " dimensions; 2 to 4 can be packed");
  }
  const size_t rows = (l.one_plane ? l.n : 1) * l.h * (l.mosaic ? kMosaicSide : 1);
  const size_t columns = (l.mosaic ? size_t{kMosaicSide} : l.c) * l.w;
  if (std::max(rows, columns) > size_t{kMaxSide})
    throw Error(name + ": its plane would have " + std::to_string(rows) + " rows of " +
                std::to_string(columns) + " samples; at most " + std::to_string(kMaxSide) +
                " are supported");
  return l;
}

class Quantiser {
 public:
  Quantiser(double min, double max, int bits)
      : min_(min), max_(max), scale_(((1 << bits) - 1) / (max - min)) {}
  uint16_t operator()(double value) const {
    return static_cast<uint16_t>(std::lround((std::clamp(value, min_, max_) - min_) * scale_));
  }

 private:
  double min_;
  double max_;
  double scale_;
};

// Planes `first` to `first + count - 1` of the array, above each other.
Packed pack_planes(const Array &array, const Layout4 &l, const Ranges &ranges, int bits,
                   size_t first, size_t count) {
  const size_t grid = l.mosaic ? kMosaicSide : 1;
  const size_t columns = l.mosaic ? kMosaicSide : l.c;
  Packed packed;
  packed.width = static_cast<int>(columns * l.w);
  packed.height = static_cast<int>(count * l.h * grid);
  packed.samples.resize(columns * l.w * count * l.h * grid);
  const size_t stride = columns * l.w;
  for (size_t n = 0; n < count; ++n)
    for (size_t c = 0; c < l.c; ++c) {
      const size_t range = ranges.axis == 1 ? c : 0;
      const Quantiser quantise(ranges.min[range], ranges.max[range], bits);
      const size_t top = n * l.h * grid + (l.mosaic ? c / columns * l.h : 0);
      const size_t left = (l.mosaic ? c % columns : c) * l.w;
      for (size_t row = 0; row < l.h; ++row) {
        const float *from = array.values.data() + (((first + n) * l.c + c) * l.h + row) * l.w;
        std::transform(from, from + l.w, packed.samples.data() + (top + row) * stride + left,
                       quantise);
      }
    }
  for (size_t i = 0; i < ranges.min.size(); ++i)
    packed.spans.push_back(ranges.max[i] - ranges.min[i]);
  return packed;
}

}  // namespace

std::vector<Packed> pack(const std::string &name, const Array &array, const Ranges &ranges,
                         int bits) {
  const Layout4 l = layout_of(name, array.shape);
  if (ranges.axis >= 0 && (array.shape.size() != 4 || l.mosaic || l.c != ranges.min.size()))
    throw Error(name + ": these conditions have " + std::to_string(ranges.min.size()) +
                " ranges, for as many layers; its shape is " + to_text(array.shape));
  const Ranges used = ranges.min.empty() ? own_range(array.values) : ranges;
  std::vector<Packed> planes;
  const size_t together = l.one_plane ? l.n : 1;
  for (size_t n = 0; n < l.n; n += together)
    planes.push_back(pack_planes(array, l, used, bits, n, together));
  return planes;
}

}  // namespace feat::hyperprior::train
