// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where the slices of a picture lie (clauses 6.5.1 and 7.4.8).
#include <algorithm>
#include <bit>
#include <string>

#include "codecs/vvc/decoder/headers.h"

namespace feat::vvc {
namespace {

// Bits that a number below `count` takes.
int bits_for(int count) {
  return count > 1 ? std::bit_width(static_cast<unsigned>(count - 1)) : 0;
}

CtuRect intersection(const CtuRect &a, const CtuRect &b) {
  return {std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
}

bool contains(const CtuRect &a, int x, int y) {
  return x >= a.x0 && x < a.x1 && y >= a.y0 && y < a.y1;
}

}  // namespace

SliceAddressing::SliceAddressing(const Sps &sps, const Pps &pps)
    : partition_(pps.partition), subpics_(sps.subpics) {
  const int side = 1 << sps.log2_ctu;
  const int wide = (pps.width + side - 1) >> sps.log2_ctu;
  const int high = (pps.height + side - 1) >> sps.log2_ctu;
  const CtuRect picture{0, 0, wide, high};
  if (partition_.whole) {
    partition_.columns = {0, wide};
    partition_.rows = {0, high};
    partition_.slices = {picture};
  }
  if (partition_.columns.back() != wide || partition_.rows.back() != high) {
    fail_corrupt("the CTU size of the PPS does not agree with its SPS");
  }
  if (subpics_.empty()) subpics_.push_back({picture, 0, true});
  if (!pps.subpic_ids.empty() && !sps.subpics.empty()) {
    if (pps.subpic_ids.size() != subpics_.size()) {
      fail_corrupt("the PPS has ids for " + std::to_string(pps.subpic_ids.size()) +
                   " sub-pictures, the SPS has " + std::to_string(subpics_.size()));
    }
    for (size_t i = 0; i < subpics_.size(); i++) subpics_[i].id = pps.subpic_ids[i];
  }
  for (const Subpicture &s : subpics_) {
    if (s.area.x1 > wide || s.area.y1 > high) {
      fail_corrupt("a sub-picture is larger than the picture");
    }
    if (partition_.slice_is_subpic) partition_.slices.push_back(s.area);
  }
  slices_before_.push_back(0);
  for (const Subpicture &s : subpics_) {
    const auto inside =
        std::count_if(partition_.slices.begin(), partition_.slices.end(),
                      [&s](const CtuRect &slice) { return contains(s.area, slice.x0, slice.y0); });
    slices_before_.push_back(slices_before_.back() + static_cast<int>(inside));
  }
  if (static_cast<size_t>(slices_before_.back()) != partition_.slices.size()) {
    fail_corrupt("the sub-pictures hold " + std::to_string(slices_before_.back()) +
                 " slices, the PPS " + std::to_string(partition_.slices.size()));
  }
}

void SliceAddressing::parse(BitReader &r, const Sps &sps, SliceHeader &sh) const {
  size_t subpic = 0;
  if (!sps.subpics.empty()) {
    const uint32_t id = r.bits(sps.subpic_id_bits);
    while (subpic < subpics_.size() && subpics_[subpic].id != id) subpic++;
    if (subpic == subpics_.size()) {
      fail_corrupt("a slice belongs to sub-picture " + std::to_string(id) + ", which is missing");
    }
  }
  const int first = partition_.rect_slices ? slices_before_[subpic] : 0;
  const int end = partition_.rect_slices ? slices_before_[subpic + 1] : partition_.tiles();
  sh.index = first + static_cast<int>(r.bits(bits_for(end - first)));
  if (sh.index >= end) {
    fail_corrupt("a slice has the address " + std::to_string(sh.index - first) + ", its limit is " +
                 std::to_string(end - first - 1));
  }
  r.skip(static_cast<size_t>(sps.extra_sh_bits));
  const int more = partition_.rect_slices ? 0 : end - sh.index - 1;
  if (more > 0) {
    sh.num_tiles = 1 + r.ue(static_cast<uint32_t>(more), "sh_num_tiles_in_slice_minus1");
  }
}

std::vector<CtuRect> SliceAddressing::areas(const SliceHeader &sh) const {
  const auto tile = [this](int x, int y) {
    const auto c = static_cast<size_t>(x);
    const auto r = static_cast<size_t>(y);
    return CtuRect{partition_.columns[c], partition_.rows[r], partition_.columns[c + 1],
                   partition_.rows[r + 1]};
  };
  std::vector<CtuRect> areas;
  const int columns = partition_.tile_columns();
  if (!partition_.rect_slices) {
    for (int i = sh.index; i < sh.index + sh.num_tiles; i++) {
      areas.push_back(tile(i % columns, i / columns));
    }
    return areas;
  }
  const CtuRect &slice = partition_.slices[static_cast<size_t>(sh.index)];
  for (int y = 0; y < partition_.tile_rows(); y++) {
    const CtuRect first = tile(0, y);
    if (first.y1 <= slice.y0 || first.y0 >= slice.y1) continue;
    for (int x = 0; x < columns; x++) {
      const CtuRect part = intersection(slice, tile(x, y));
      if (!part.empty()) areas.push_back(part);
    }
  }
  return areas;
}

}  // namespace feat::vvc
