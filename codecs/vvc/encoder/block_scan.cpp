// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_scan.h"

#include <algorithm>

#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {

const std::array<uint8_t, 32> kLastGroup = {0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7,
                                            8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9};
const std::array<uint8_t, 10> kLastGroupStart = {0, 1, 2, 3, 4, 6, 8, 12, 16, 24};

namespace {

constexpr int kMinLog2 = 0;
constexpr int kMaxLog2 = 6;

// What the contexts of a coefficient look at, from there.
constexpr std::array<std::array<int, 2>, 5> kOffsets = {{{1, 0}, {2, 0}, {0, 1}, {1, 1}, {0, 2}}};

uint8_t find_subblock(const BlockScan &s, int x, int y) {
  for (size_t i = 0; i < s.subblocks.size(); ++i) {
    if (s.subblocks[i].x == x && s.subblocks[i].y == y) return static_cast<uint8_t>(i);
  }
  return BlockScan::kNoSubblock;
}

// `inner` is the scan of a sub-block.
void set_outlooks(const ScanPos *inner, BlockScan &s) {
  for (BlockScan::Subblock &p : s.subblocks) {
    p.next = {find_subblock(s, p.x + 1, p.y), find_subblock(s, p.x, p.y + 1),
              find_subblock(s, p.x + 1, p.y + 1)};
  }
  const int w = 1 << s.log2_sb_w;
  const int h = 1 << s.log2_sb_h;
  for (int i = 0; i < w * h; ++i) {
    for (const auto &offset : kOffsets) {
      const int x = inner[i].x + offset[0];
      const int y = inner[i].y + offset[1];
      if (x < w && y < h) continue;
      const size_t which = y < h ? 0 : (x < w ? 1 : 2);
      for (int j = 0; j < w * h; ++j) {
        if (inner[j].x == (x < w ? x : x - w) && inner[j].y == (y < h ? y : y - h)) {
          s.outlooks[which].push_back({static_cast<uint8_t>(i), static_cast<uint8_t>(j)});
        }
      }
    }
  }
}

BlockScan make_scan(int log2_w, int log2_h) {
  BlockScan s{};
  s.log2_w = log2_w;
  s.log2_h = log2_h;
  const SubblockShape shape = subblock_shape(log2_w, log2_h);
  s.log2_sb_w = shape.log2_w;
  s.log2_sb_h = shape.log2_h;
  s.sb_shift = shape.log2_w + shape.log2_h;
  const int log2_nz_w = std::min(log2_w, 5);
  const int log2_nz_h = std::min(log2_h, 5);
  s.count = 1 << (log2_nz_w + log2_nz_h);
  s.sb_columns = 1 << (log2_nz_w - shape.log2_w);
  s.sb_rows = 1 << (log2_nz_h - shape.log2_h);
  const ScanPos *outer = diagonal_scan(log2_nz_w - shape.log2_w, log2_nz_h - shape.log2_h);
  const ScanPos *inner = diagonal_scan(shape.log2_w, shape.log2_h);
  const int sb_size = 1 << s.sb_shift;

  for (int sb = 0; sb < s.count >> s.sb_shift; ++sb) {
    s.subblocks.push_back({outer[sb].x, outer[sb].y, {}});
    for (int i = 0; i < sb_size; ++i) {
      const int x = (outer[sb].x << shape.log2_w) + inner[i].x;
      const int y = (outer[sb].y << shape.log2_h) + inner[i].y;
      const int d = x + y;
      BlockScan::Position p{};
      p.x = static_cast<uint8_t>(x);
      p.y = static_cast<uint8_t>(y);
      p.sig_offset = d < 2 ? 8 : (d < 5 ? 4 : 0);
      p.greater_offset = static_cast<uint8_t>(1 + (d == 0 ? 15 : (d < 3 ? 10 : (d < 10 ? 5 : 0))));
      p.raster = static_cast<uint16_t>((y << log2_w) + x);
      p.field = static_cast<uint16_t>(y * LevelField::kStride + x);
      s.positions.push_back(p);
    }
  }

  set_outlooks(inner, s);
  for (int j = 0; j < sb_size; ++j) {
    BlockScan::Observers o{};
    std::array<uint32_t, 16> mask{};
    for (const auto &offset : kOffsets) {
      for (int i = 0; i < j; ++i) {
        if (inner[j].x == inner[i].x + offset[0] && inner[j].y == inner[i].y + offset[1]) {
          o.at[o.count++] = static_cast<uint8_t>(i);
          mask[static_cast<size_t>(i)] = ~uint32_t{0};
        }
      }
    }
    s.observers.push_back(o);
    s.observer_masks.push_back(mask);
  }
  return s;
}

struct AllScans {
  std::array<std::array<BlockScan, kMaxLog2 + 1>, kMaxLog2 + 1> scans;

  AllScans() {
    for (int w = kMinLog2; w <= kMaxLog2; ++w) {
      for (int h = std::max(kMinLog2, 4 - w); h <= kMaxLog2; ++h) {
        scans[static_cast<size_t>(w)][static_cast<size_t>(h)] = make_scan(w, h);
      }
    }
  }
};

}  // namespace

const BlockScan &BlockScan::get(int log2_w, int log2_h) {
  static const AllScans all;
  return all.scans[static_cast<size_t>(log2_w)][static_cast<size_t>(log2_h)];
}

}  // namespace feat::vvc
