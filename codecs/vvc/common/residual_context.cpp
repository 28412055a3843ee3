// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/residual_context.h"

#include <array>

namespace feat::vvc {
namespace {

constexpr int kMaxLog2 = 5;

// All scans one after the other, for (log2_w, log2_h) from (0, 0) to (5, 5): the sides' sum is 63.
struct ScanTables {
  std::array<ScanPos, 63 * 63> pos{};
  std::array<uint16_t, (kMaxLog2 + 1) * (kMaxLog2 + 1)> first{};
};

constexpr ScanTables make_scans() {
  ScanTables t;
  size_t n = 0;
  size_t table = 0;
  for (int lw = 0; lw <= kMaxLog2; lw++) {
    for (int lh = 0; lh <= kMaxLog2; lh++) {
      t.first[table++] = static_cast<uint16_t>(n);
      const int w = 1 << lw;
      const int h = 1 << lh;
      for (int d = 0; d < w + h - 1; d++) {
        // Along an anti-diagonal from the lower left to the upper right.
        for (int y = d < h ? d : h - 1; y >= 0 && d - y < w; y--) {
          t.pos[n].x = static_cast<uint8_t>(d - y);
          t.pos[n].y = static_cast<uint8_t>(y);
          n++;
        }
      }
    }
  }
  return t;
}

constexpr ScanTables kScans = make_scans();

}  // namespace

const ScanPos *diagonal_scan(int log2_w, int log2_h) {
  return kScans.pos.data() + kScans.first[static_cast<size_t>(log2_w * (kMaxLog2 + 1) + log2_h)];
}

SubblockShape subblock_shape(int log2_tb_w, int log2_tb_h) {
  if (log2_tb_w + log2_tb_h > 3) {
    if (log2_tb_w < 2) return {log2_tb_w, 4 - log2_tb_w};
    if (log2_tb_h < 2) return {4 - log2_tb_h, log2_tb_h};
  }
  const int side = log2_tb_w < 2 || log2_tb_h < 2 ? 1 : 2;
  return {side, side};
}

const uint8_t kRiceParameter[32] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2,
                                    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3};

}  // namespace feat::vvc
