// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A picture under reconstruction, with what later blocks and the loop filters need to know of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/common/sample_plane.h"

namespace feat::vvc {

// What is kept for every 4x4 samples.
struct UnitInfo {
  static constexpr uint8_t kLeftEdge = 1;
  static constexpr uint8_t kTopEdge = 2;

  uint8_t decoded = 0;  // reconstructed, hence available to prediction
  uint8_t mode = 0;     // intra mode for the most probable modes of neighbours
  uint8_t log2_cb_w = 0;
  uint8_t log2_cb_h = 0;
  uint8_t qt_depth = 0;
  int8_t qp = 0;
  uint8_t log2_tb_w = 0;
  uint8_t log2_tb_h = 0;
  uint8_t edges = 0;  // of transform blocks
  uint8_t bdpcm = 0;
  uint8_t mip = 0;
};

// Sample adaptive offset of a CTU.
struct SaoParams {
  enum Type : uint8_t { kOff, kBand, kEdge };
  Type type = kOff;
  uint8_t band_or_class = 0;  // first band, or direction of the edges
  std::array<int16_t, 4> offset{};
};

struct CtuInfo {
  static constexpr uint32_t kNoSlice = 0xffffffff;
  static constexpr int8_t kAlfOff = -1;

  uint32_t slice = kNoSlice;  // in the order of the unit
  uint16_t tile = 0;
  uint16_t subpic = 0;
  int8_t alf = kAlfOff;  // a fixed set of filters, or (from 16 on) one of the slice's APSs
  SaoParams sao;
};

struct Frame {
  static constexpr int kLog2Unit = 2;

  int width = 0;
  int height = 0;
  int bit_depth = 0;
  int log2_ctu = 0;
  int units_wide = 0;
  int ctus_wide = 0;
  int ctus_high = 0;
  SamplePlane samples;   // reconstruction, then deblocked, then the result of ALF after SAO
  SamplePlane filtered;  // result of SAO, or of ALF without SAO
  std::vector<UnitInfo> units;
  std::vector<CtuInfo> ctus;

  // Allocates; the caller has checked the size.
  void reset(int w, int h, int depth, int log2_ctu_size) {
    width = w;
    height = h;
    bit_depth = depth;
    log2_ctu = log2_ctu_size;
    units_wide = w >> kLog2Unit;
    const int side = 1 << log2_ctu;
    ctus_wide = (w + side - 1) >> log2_ctu;
    ctus_high = (h + side - 1) >> log2_ctu;
    samples.reset(w, h);
    ctus.assign(static_cast<size_t>(ctus_wide) * static_cast<size_t>(ctus_high), CtuInfo{});
    units.assign(static_cast<size_t>(units_wide) * static_cast<size_t>(h >> kLog2Unit), UnitInfo{});
  }

  UnitInfo &unit_at(int x, int y) {
    return units[static_cast<size_t>(y >> kLog2Unit) * static_cast<size_t>(units_wide) +
                 static_cast<size_t>(x >> kLog2Unit)];
  }
  const UnitInfo &unit_at(int x, int y) const { return const_cast<Frame *>(this)->unit_at(x, y); }
  // By position in CTUs.
  CtuInfo &ctu(int x, int y) {
    return ctus[static_cast<size_t>(y) * static_cast<size_t>(ctus_wide) + static_cast<size_t>(x)];
  }
  const CtuInfo &ctu(int x, int y) const { return const_cast<Frame *>(this)->ctu(x, y); }
  bool has_ctu(int x, int y) const { return x >= 0 && y >= 0 && x < ctus_wide && y < ctus_high; }
  // The same slice and tile, hence available to prediction and contexts.
  bool joined(int x, int y, int other_x, int other_y) const {
    if (!has_ctu(other_x, other_y)) return false;
    const CtuInfo &a = ctu(x, y);
    const CtuInfo &b = ctu(other_x, other_y);
    return a.slice == b.slice && a.tile == b.tile;
  }
  ptrdiff_t stride() const { return samples.stride(); }
  uint16_t *at(int x, int y) { return samples.at(x, y); }
};

}  // namespace feat::vvc
