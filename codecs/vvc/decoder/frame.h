// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A picture under reconstruction, with what later blocks need to know of earlier ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/common/params.h"

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

struct Frame {
  static constexpr int kLog2Unit = 2;

  int width = 0;
  int height = 0;
  int bit_depth = 0;
  int units_wide = 0;
  int units_high = 0;
  std::vector<uint16_t> samples;  // stride: width
  std::vector<UnitInfo> units;
  int ctus_wide = 0;
  std::vector<SaoParams> sao;
  // Of a CTU: off, a fixed set of ALF filters, or (from 16 on) one of the slice's APSs.
  static constexpr int8_t kAlfOff = -1;
  std::vector<int8_t> alf;

  // Allocates; the caller has checked the size.
  void reset(int w, int h, int depth, int log2_ctu) {
    width = w;
    height = h;
    bit_depth = depth;
    units_wide = w >> kLog2Unit;
    units_high = h >> kLog2Unit;
    samples.resize(static_cast<size_t>(w) * static_cast<size_t>(h));
    ctus_wide = (w + (1 << log2_ctu) - 1) >> log2_ctu;
    const int ctus_high = (h + (1 << log2_ctu) - 1) >> log2_ctu;
    sao.assign(static_cast<size_t>(ctus_wide) * static_cast<size_t>(ctus_high), SaoParams{});
    alf.assign(sao.size(), kAlfOff);
    units.assign(static_cast<size_t>(units_wide) * static_cast<size_t>(units_high), UnitInfo{});
  }

  UnitInfo &unit_at(int x, int y) {
    return units[static_cast<size_t>(y >> kLog2Unit) * static_cast<size_t>(units_wide) +
                 static_cast<size_t>(x >> kLog2Unit)];
  }
  SaoParams &sao_at(int x, int y, int log2_ctu) {
    return sao[static_cast<size_t>(y >> log2_ctu) * static_cast<size_t>(ctus_wide) +
               static_cast<size_t>(x >> log2_ctu)];
  }
  int8_t &alf_at(int x, int y, int log2_ctu) {
    return alf[static_cast<size_t>(y >> log2_ctu) * static_cast<size_t>(ctus_wide) +
               static_cast<size_t>(x >> log2_ctu)];
  }
  uint16_t *at(int x, int y) { return samples.data() + static_cast<ptrdiff_t>(y) * width + x; }
};

}  // namespace feat::vvc
