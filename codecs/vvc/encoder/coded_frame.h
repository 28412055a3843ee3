// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is known of the picture being coded: the source, the reconstruction, and the decisions.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// Decisions of the coding unit that covers a 4x4 unit.
struct CodingUnit {
  uint8_t log2_size = 0;
  uint8_t mode = kPlanar;
  bool coded = false;  // tu_y_coded_flag
  bool transform_skip = false;
};

struct CodedFrame {
  Plane<const uint16_t> source;  // uncropped area replicated on the fly
  int width = 0;                 // coded size
  int height = 0;
  int bit_depth = 10;
  int log2_ctu = 6;
  std::vector<uint16_t> recon;
  std::vector<CodingUnit> units;  // of 4x4

  ptrdiff_t stride() const { return width; }
  int unit_stride() const { return width >> 2; }
  CodingUnit &unit(int x, int y) {
    return units[static_cast<size_t>(y >> 2) * static_cast<size_t>(unit_stride()) +
                 static_cast<size_t>(x >> 2)];
  }
  const CodingUnit &unit(int x, int y) const { return const_cast<CodedFrame *>(this)->unit(x, y); }
  uint16_t *recon_at(int x, int y) { return recon.data() + y * stride() + x; }

  void set_units(int x, int y, const CodingUnit &cu) {
    const int n = 1 << (cu.log2_size - 2);
    for (int i = 0; i < n; ++i) std::fill_n(&unit(x, y + 4 * i), n, cu);
  }

  // Copies the source of a block, the edge samples repeated outside the picture.
  void copy_source(int x, int y, int size, uint16_t *out) const {
    for (int j = 0; j < size; ++j) {
      const uint16_t *row = source.data + std::min(y + j, source.height - 1) * source.stride;
      const int inside = std::clamp(source.width - x, 0, size);
      std::copy_n(row + (inside > 0 ? x : 0), inside, out);
      std::fill(out + inside, out + size, row[source.width - 1]);
      out += size;
    }
  }

  // Most probable modes of a block: the neighbour above counts within the same CTU only.
  std::array<uint8_t, 6> probable_modes(int x, int y, int size) const {
    const int left = x > 0 ? unit(x - 1, y + size - 1).mode : kPlanar;
    const bool same_ctu = (y & ((1 << log2_ctu) - 1)) != 0;
    const int above = same_ctu ? unit(x + size - 1, y - 1).mode : kPlanar;
    return most_probable_modes(left, above);
  }

  // Context increment of split_cu_flag: neighbours divided more finely.
  int finer_neighbours(int x, int y, int log2_size) const {
    return (x > 0 && unit(x - 1, y).log2_size < log2_size ? 1 : 0) +
           (y > 0 && unit(x, y - 1).log2_size < log2_size ? 1 : 0);
  }

  void collect(int x, int y, int size, IntraReference &ref) const {
    collect_reference(recon.data(), stride(), x, y, size, size,
                      x > 0 ? size + below_left(x, y, size) : 0,
                      y > 0 ? size + above_right(x, y, size) : 0, x > 0 && y > 0, bit_depth, ref);
  }

 private:
  // In quad-tree order the block below left comes first if the horizontal halves that part the
  // two are larger than the vertical ones, the block above right in the other case.
  int below_left(int x, int y, int size) const {
    const int ctu_mask = (1 << log2_ctu) - 1;
    const int lx = x & ctu_mask;
    const int ly = y & ctu_mask;
    if (ly + size > ctu_mask) return 0;
    if (lx > 0 && !first_by_x(lx ^ (lx - size), ly ^ (ly + size))) return 0;
    return std::clamp(height - y - size, 0, size);
  }
  int above_right(int x, int y, int size) const {
    const int ctu_mask = (1 << log2_ctu) - 1;
    const int lx = x & ctu_mask;
    const int ly = y & ctu_mask;
    if (ly > 0) {
      if (lx + size > ctu_mask) return 0;
      if (first_by_x(lx ^ (lx + size), ly ^ (ly - size))) return 0;
    }
    return std::clamp(width - x - size, 0, size);
  }
  static bool first_by_x(int dx, int dy) {
    return std::bit_width(static_cast<unsigned>(dx)) > std::bit_width(static_cast<unsigned>(dy));
  }
};

}  // namespace feat::vvc
