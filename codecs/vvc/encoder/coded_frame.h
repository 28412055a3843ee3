// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is known of the picture being coded: the source, the reconstruction, and the decisions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// Decisions of the coding unit that covers a 4x4 unit.
struct CodingUnit {
  uint8_t log2_w = 0;
  uint8_t log2_h = 0;
  uint8_t qt_depth = 0;
  uint8_t mode = kPlanar;
  bool coded = false;  // tu_y_coded_flag
  bool transform_skip = false;
  bool done = false;  // coded before the block in work

  int width() const { return 1 << log2_w; }
  int height() const { return 1 << log2_h; }
};

struct CodedFrame {
  Plane<const uint16_t> source;
  int width = 0;  // coded size
  int height = 0;
  int bit_depth = 10;
  int log2_ctu = 6;
  std::vector<uint16_t> recon;
  std::vector<CodingUnit> units;  // of 4x4

  ptrdiff_t stride() const { return width; }
  int unit_stride() const { return width >> 2; }
  CodingUnit &unit(int x, int y) { return units[unit_index(x, y)]; }
  const CodingUnit &unit(int x, int y) const { return units[unit_index(x, y)]; }
  uint16_t *recon_at(int x, int y) { return recon.data() + y * stride() + x; }

  void set_units(int x, int y, const CodingUnit &cu) {
    for (int i = 0; i < cu.height(); i += 4) std::fill_n(&unit(x, y + i), cu.width() >> 2, cu);
  }
  // Marks a region, as far as it lies in the picture, as not coded yet.
  void clear_done(int x, int y, int w, int h) {
    for (int j = y; j < std::min(y + h, height); j += 4) {
      for (int i = x; i < std::min(x + w, width); i += 4) unit(i, j).done = false;
    }
  }

  // Copies the source of a block, the edge samples repeated outside the picture.
  void copy_source(int x, int y, int w, int h, uint16_t *out) const {
    const int inside = std::clamp(source.width - x, 0, w);
    for (int j = 0; j < h; ++j, out += w) {
      const uint16_t *row = source.data + std::min(y + j, source.height - 1) * source.stride;
      std::copy_n(row + (inside > 0 ? x : 0), inside, out);
      std::fill(out + inside, out + w, row[source.width - 1]);
    }
  }

  // Most probable modes of a block: the neighbour above counts within the same CTU only.
  std::array<uint8_t, 6> probable_modes(int x, int y, int w, int h) const {
    const int left = x > 0 ? unit(x - 1, y + h - 1).mode : kPlanar;
    const bool same_ctu = (y & ((1 << log2_ctu) - 1)) != 0;
    const int above = same_ctu ? unit(x + w - 1, y - 1).mode : kPlanar;
    return most_probable_modes(left, above);
  }

  TreeNeighbour left_of(int x, int y) const {
    if (x == 0) return {};
    const CodingUnit &u = unit(x - 1, y);
    return {true, u.log2_h, u.qt_depth};
  }
  TreeNeighbour above(int x, int y) const {
    if (y == 0) return {};
    const CodingUnit &u = unit(x, y - 1);
    return {true, u.log2_w, u.qt_depth};
  }

  void collect(int x, int y, int w, int h, IntraReference &ref) const {
    int left = 0;
    if (x > 0) {
      left = h;
      while (left < 2 * h && y + left < height && unit(x - 1, y + left).done) left += 4;
    }
    int top = 0;
    if (y > 0) {
      top = w;
      while (top < 2 * w && x + top < width && unit(x + top, y - 1).done) top += 4;
    }
    collect_reference(recon.data(), stride(), x, y, w, h, left, top, x > 0 && y > 0, bit_depth,
                      ref);
  }

 private:
  size_t unit_index(int x, int y) const {
    return static_cast<size_t>(y >> 2) * static_cast<size_t>(unit_stride()) +
           static_cast<size_t>(x >> 2);
  }
};

}  // namespace feat::vvc
