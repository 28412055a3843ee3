// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/common/deblock_edge.h"
#include "codecs/vvc/common/partition.h"

namespace feat::vvc {
namespace {

TreeNode block(int x, int y, int log2_w, int log2_h) {
  TreeNode n;
  n.x = x;
  n.y = y;
  n.log2_w = log2_w;
  n.log2_h = log2_h;
  return n;
}

TEST(Partition, QuadTreeOnly) {
  const PartitionLimits limits{2, 0, 2, 2};
  SplitOptions o = split_options(block(0, 0, 6, 6), limits, 2, 128, 128);
  EXPECT_TRUE(o.none && o.quad && !o.multi() && !o.implied);
  o = split_options(block(0, 0, 2, 2), limits, 2, 128, 128);
  EXPECT_TRUE(o.none && !o.any());
  // Beyond an edge a quad split is all that is left.
  o = split_options(block(64, 0, 6, 6), limits, 2, 72, 64);
  EXPECT_TRUE(!o.none && o.quad && !o.multi() && o.implied);
}

TEST(Partition, EdgesImplyBinarySplits) {
  const PartitionLimits limits{3, 3, 5, 5};
  // 32x32 with only the bottom outside: horizontal, or a quad split by choice.
  SplitOptions o = split_options(block(0, 32, 5, 5), limits, 2, 64, 40);
  EXPECT_TRUE(o.implied && !o.none && o.horizontal && !o.vertical && o.quad);
  o = split_options(block(32, 0, 5, 5), limits, 2, 40, 64);
  EXPECT_TRUE(o.implied && o.vertical && !o.horizontal);
  // Both outside: a quad split.
  o = split_options(block(32, 32, 5, 5), limits, 2, 40, 40);
  EXPECT_TRUE(o.implied && o.quad && !o.multi());
}

TEST(Partition, MultiTypeTree) {
  const PartitionLimits limits{3, 2, 5, 5};
  const SplitOptions o = split_options(block(0, 0, 4, 3), limits, 2, 64, 64);
  EXPECT_TRUE(o.horizontal && o.vertical && o.triple_vertical && !o.triple_horizontal);
  TreeNode c[4];
  ASSERT_EQ(split_children(block(0, 0, 4, 3), Split::kTripleVertical, false, c), 3);
  EXPECT_EQ(c[0].log2_w, 2);
  EXPECT_EQ(c[1].log2_w, 3);
  EXPECT_EQ(c[1].x, 4);
  EXPECT_EQ(c[2].x, 12);
  EXPECT_EQ(c[0].subdivision, 2);
  EXPECT_EQ(c[1].subdivision, 1);
  // The middle must not be halved in parallel; nobody goes back to quad splits.
  const SplitOptions middle = split_options(c[1], limits, 2, 64, 64);
  EXPECT_TRUE(!middle.vertical && middle.horizontal && !middle.quad);
  TreeNode deep = c[1];
  deep.mtt_depth = 2;
  EXPECT_FALSE(split_options(deep, limits, 2, 64, 64).any());
}

TEST(Partition, Contexts) {
  const TreeNode n = block(16, 16, 4, 4);
  const SplitOptions quad_only{.none = true, .quad = true};
  const TreeNeighbour small{true, 2, 3};
  const TreeNeighbour large{true, 6, 0};
  EXPECT_EQ(split_cu_ctx(n, quad_only, {}, {}), kCtxSplitCu);
  EXPECT_EQ(split_cu_ctx(n, quad_only, small, small), kCtxSplitCu + 2);
  SplitOptions all{true, true, true, true, true, true, false};
  EXPECT_EQ(split_cu_ctx(n, all, small, large), kCtxSplitCu + 1 + 6);
  EXPECT_EQ(split_qt_ctx(n, small, large), kCtxSplitQt + 1);
  EXPECT_EQ(mtt_vertical_ctx(n, all, {}, small), kCtxMttVertical);
  EXPECT_EQ(mtt_vertical_ctx(n, all, small, large), kCtxMttVertical + 1);
  EXPECT_EQ(mtt_vertical_ctx(n, all, large, small), kCtxMttVertical + 2);
  all.vertical = false;
  EXPECT_EQ(mtt_vertical_ctx(n, all, large, small), kCtxMttVertical + 3);
  EXPECT_EQ(mtt_binary_ctx(n, true), kCtxMttBinary + 3);
}

TEST(Deblock, Thresholds) {
  EXPECT_EQ(deblock_tc(16, 0, 10), 3);
  EXPECT_EQ(deblock_tc(63, 0, 10), 395);
  EXPECT_EQ(deblock_tc(63, 12, 8), (395 + 2) >> 2);
  EXPECT_EQ(deblock_tc(0, 0, 10), 0);
  EXPECT_EQ(deblock_beta(63, 0, 10), 88 << 2);
  EXPECT_EQ(deblock_beta(16, 0, 8), 6);
}

// A small step between flat sides is smoothed symmetrically, a large one is left alone.
TEST(Deblock, Steps) {
  for (const int length : {1, 3, 7}) {
    std::vector<uint16_t> px(4 * 32);
    const auto fill = [&px](int low, int high) {
      for (size_t i = 0; i < px.size(); i++)
        px[i] = static_cast<uint16_t>(i % 32 < 16 ? low : high);
    };
    const EdgeParams e{20, 200, length, length, 1023};
    fill(500, 500);
    std::vector<uint16_t> before = px;
    deblock_edge(px.data() + 16, 1, 32, e);
    EXPECT_EQ(px, before);
    fill(500, 516);
    deblock_edge(px.data() + 16, 1, 32, e);
    for (int i = 0; i < 16; i++) {
      EXPECT_EQ(px[15 - i] - 500, 516 - px[16 + i]) << length << " " << i;
      EXPECT_EQ(px[15 - i] != 500, i < length || (length == 1 && i < 1)) << length << " " << i;
    }
    fill(100, 900);
    before = px;
    deblock_edge(px.data() + 16, 1, 32, e);
    EXPECT_EQ(px, before);
  }
}

}  // namespace
}  // namespace feat::vvc
