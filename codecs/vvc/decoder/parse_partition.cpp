// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How a PPS cuts the picture into tiles and rectangular slices (clauses 7.3.2.5 and 6.5.1).
#include <algorithm>
#include <string>

#include "codecs/vvc/decoder/parameter_sets.h"

namespace feat::vvc {
namespace {

int parse_size(BitReader &r, int room, const char *name) {
  if (room <= 0) fail_corrupt(std::string(name) + " leaves the picture");
  return 1 + r.ue(static_cast<uint32_t>(room - 1), name);
}

// `count` sizes are given; the last one repeats up to `total`. Returns where they begin and
// the end.
std::vector<int> parse_sizes(BitReader &r, int count, int total, const char *name) {
  std::vector<int> starts{0};
  int last = 1;
  for (int i = 0; i < count; i++) {
    last = parse_size(r, total - starts.back(), name);
    starts.push_back(starts.back() + last);
  }
  while (starts.back() < total) starts.push_back(std::min(starts.back() + last, total));
  return starts;
}

// The rectangular slices, in the order of their addresses.
class SliceParser {
 public:
  SliceParser(BitReader &r, PicturePartition &p) : r_(r), p_(p) {}

  void parse() {
    const int area = p_.columns.back() * p_.rows.back();
    const int count = 1 + r_.ue(static_cast<uint32_t>(area - 1), "pps_num_slices_in_pic_minus1");
    const bool deltas = count > 2 && r_.flag();
    int tile = 0;
    while (size() < count) {
      if (tile < 0 || tile >= p_.tiles())
        fail_corrupt("a slice begins outside the picture's tiles");
      const bool last = size() == count - 1;
      parse_slice(tile, count, last, deltas);
      if (size() >= count) break;
      tile = next_tile(tile, deltas);
    }
  }

 private:
  int size() const { return static_cast<int>(p_.slices.size()); }

  void parse_slice(int tile, int count, bool last, bool deltas) {
    const int x = tile % p_.tile_columns();
    const int y = tile / p_.tile_columns();
    if (last) {
      wide_ = p_.tile_columns() - x;
      high_ = p_.tile_rows() - y;
    } else {
      wide_ = x == p_.tile_columns() - 1
                  ? 1
                  : parse_size(r_, p_.tile_columns() - x, "pps_slice_width_in_tiles_minus1");
      if (y == p_.tile_rows() - 1) {
        high_ = 1;
      } else if (deltas || x == 0) {
        high_ = parse_size(r_, p_.tile_rows() - y, "pps_slice_height_in_tiles_minus1");
      } else if (y + high_ > p_.tile_rows()) {
        fail_corrupt("a slice leaves the picture's tiles");
      }
    }
    const auto at = [](const std::vector<int> &starts, int i) {
      return starts[static_cast<size_t>(i)];
    };
    const CtuRect rect{at(p_.columns, x), at(p_.rows, y), at(p_.columns, x + wide_),
                       at(p_.rows, y + high_)};
    const int rows = rect.y1 - rect.y0;
    const bool divisible = !last && wide_ == 1 && high_ == 1 && rows > 1;
    const int pieces =
        divisible ? r_.ue(static_cast<uint32_t>(rows), "pps_num_exp_slices_in_tile") : 0;
    if (pieces == 0) {
      p_.slices.push_back(rect);
      return;
    }
    const std::vector<int> starts =
        parse_sizes(r_, pieces, rows, "pps_exp_slice_height_in_ctus_minus1");
    for (size_t i = 0; i + 1 < starts.size(); i++) {
      if (size() >= count) fail_corrupt("a tile has more slices than the picture");
      p_.slices.push_back({rect.x0, rect.y0 + starts[i], rect.x1, rect.y0 + starts[i + 1]});
    }
  }

  int next_tile(int tile, bool deltas) {
    if (deltas) return tile + r_.se(1 - p_.tiles(), p_.tiles() - 1, "pps_tile_idx_delta_val");
    const int next = tile + wide_;
    return next % p_.tile_columns() == 0 ? next + (high_ - 1) * p_.tile_columns() : next;
  }

  BitReader &r_;
  PicturePartition &p_;
  int wide_ = 1;  // of the slice before, in tiles
  int high_ = 1;
};

}  // namespace

PicturePartition parse_partition(BitReader &r, int width, int height) {
  PicturePartition p;
  p.whole = false;
  const int log2_ctu = 5 + static_cast<int>(r.bits(2));
  if (log2_ctu > 7) fail_corrupt("pps_log2_ctu_size_minus5 is 3, its limit is 2");
  const int side = 1 << log2_ctu;
  const int wide = (width + side - 1) >> log2_ctu;
  const int high = (height + side - 1) >> log2_ctu;
  if (wide == 0 || high == 0) fail_corrupt("the picture of a PPS has no samples");
  const int columns = 1 + r.ue(static_cast<uint32_t>(wide - 1), "pps_num_exp_tile_columns_minus1");
  const int rows = 1 + r.ue(static_cast<uint32_t>(high - 1), "pps_num_exp_tile_rows_minus1");
  p.columns = parse_sizes(r, columns, wide, "pps_tile_column_width_minus1");
  p.rows = parse_sizes(r, rows, high, "pps_tile_row_height_minus1");
  if (p.tiles() > 1) {
    p.filter_across_tiles = r.flag();
    p.rect_slices = r.flag();
  }
  if (p.rect_slices) p.slice_is_subpic = r.flag();
  if (p.rect_slices && !p.slice_is_subpic) SliceParser(r, p).parse();
  if (!p.rect_slices || p.slice_is_subpic || p.slices.size() > 1) {
    p.filter_across_slices = r.flag();
  }
  return p;
}

}  // namespace feat::vvc
