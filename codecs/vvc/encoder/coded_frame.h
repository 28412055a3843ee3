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
#include "codecs/vvc/common/isp.h"
#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// Decisions of the coding unit that covers a 4x4 unit.
struct CodingUnit {
  uint8_t log2_w = 0;
  uint8_t log2_h = 0;
  uint8_t qt_depth = 0;
  uint8_t mode = kPlanar;
  uint8_t ref_idx = 0;  // reference line
  Isp isp = Isp::kNone;
  uint8_t coded = 0;  // tu_y_coded_flag; of the sub-partitions from bit 0 on
  bool transform_skip = false;
  bool bdpcm = false;  // in the direction of `mode`
  bool done = false;   // coded before the block in work

  int width() const { return 1 << log2_w; }
  int height() const { return 1 << log2_h; }
};

// A unit that covers a node of the tree, with nothing decided yet.
inline CodingUnit unit_of(const TreeNode &node) {
  CodingUnit unit;
  unit.log2_w = static_cast<uint8_t>(node.log2_w);
  unit.log2_h = static_cast<uint8_t>(node.log2_h);
  unit.qt_depth = static_cast<uint8_t>(node.qt_depth);
  unit.done = true;
  return unit;
}

struct CodedFrame {
  std::vector<uint16_t> source;  // the edges repeated to the coded size
  int width = 0;                 // coded size
  int height = 0;
  int bit_depth = 10;
  int log2_ctu = 6;
  std::vector<uint16_t> recon;
  std::vector<CodingUnit> units;  // of 4x4
  // The levels of a unit fill its place row by row, as write_coding_unit() takes them.
  std::vector<int16_t> levels;
  std::vector<std::vector<Split>> splits;  // by CTU, parents first

  // Makes room for pictures of this (coded) size.
  void resize(int coded_width, int coded_height);
  // Takes the picture to be coded; what it lacks to the coded size repeats its edges.
  void start(const Plane<const uint16_t> &picture);

  // Of a part of the reconstruction.
  int64_t squared_error(int x, int y, int w, int h) const;

  ptrdiff_t stride() const { return width; }
  int unit_stride() const { return width >> 2; }
  CodingUnit &unit(int x, int y) { return units[unit_index(x, y)]; }
  const CodingUnit &unit(int x, int y) const { return units[unit_index(x, y)]; }
  uint16_t *recon_at(int x, int y) { return recon.data() + y * stride() + x; }
  const uint16_t *recon_at(int x, int y) const { return recon.data() + y * stride() + x; }

  void set_units(int x, int y, const CodingUnit &cu) {
    for (int i = 0; i < cu.height(); i += 4) std::fill_n(&unit(x, y + i), cu.width() >> 2, cu);
  }
  // Marks the units that a region touches as coded.
  void mark_done(int x, int y, int w, int h) {
    for (int j = y; j < y + h; j += 4) {
      for (int i = x; i < x + w; i += 4) unit(i, j).done = true;
    }
  }
  // Marks a region, as far as it lies in the picture, as not coded yet.
  void clear_done(int x, int y, int w, int h) {
    for (int j = y; j < std::min(y + h, height); j += 4) {
      for (int i = x; i < std::min(x + w, width); i += 4) unit(i, j).done = false;
    }
  }

  const uint16_t *source_at(int x, int y) const { return source.data() + y * stride() + x; }
  int16_t *levels_at(int x, int y) { return levels.data() + y * stride() + x; }
  const int16_t *levels_at(int x, int y) const { return levels.data() + y * stride() + x; }

  int ctu_columns() const { return (width + (1 << log2_ctu) - 1) >> log2_ctu; }
  int ctu_rows() const { return (height + (1 << log2_ctu) - 1) >> log2_ctu; }
  size_t ctu_index(int x, int y) const {
    return static_cast<size_t>((y >> log2_ctu) * ctu_columns() + (x >> log2_ctu));
  }
  TreeNode ctu_node(int x, int y) const {
    TreeNode root;
    root.x = x;
    root.y = y;
    root.log2_w = root.log2_h = log2_ctu;
    return root;
  }
  bool outside(const TreeNode &node) const { return node.x >= width || node.y >= height; }

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

  // The first row of a CTU has no other reference lines than the nearest.
  bool may_use_far_lines(int y) const { return (y & ((1 << log2_ctu) - 1)) != 0; }

  // Reference samples of a block, `ref_idx` samples away from it.
  void collect(int x, int y, int w, int h, int ref_idx, IntraReference &ref) const {
    collect_lengths(x, y, 2 * w, 2 * h, ref_idx, ref);
  }
  // The same with `above_length` and `left_length` neighbours.
  void collect_lengths(int x, int y, int above_length, int left_length, int ref_idx,
                       IntraReference &ref) const {
    int left = 0;
    const int bottom = std::min(y + left_length, height);
    while (x > 0 && y + left < bottom && unit(x - 1, y + left).done) {
      left += 4 - ((y + left) & 3);
    }
    int top = 0;
    const int right = std::min(x + above_length, width);
    while (y > 0 && x + top < right && unit(x + top, y - 1).done) top += 4;
    collect_reference_of_length(recon.data(), stride(), x, y, left_length, above_length,
                                std::min(left, bottom - y), std::min(top, right - x),
                                x > 0 && y > 0, bit_depth, ref, ref_idx);
  }

 private:
  size_t unit_index(int x, int y) const {
    return static_cast<size_t>(y >> 2) * static_cast<size_t>(unit_stride()) +
           static_cast<size_t>(x >> 2);
  }
};

}  // namespace feat::vvc
