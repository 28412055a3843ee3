// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is taken from the frame for a node of the tree comes back as it was, and nothing beside it.
#include "codecs/vvc/encoder/decided_node.h"

#include <gtest/gtest.h>

#include <vector>

namespace feat::vvc {
namespace {

// A frame of 24x16 in which no two samples or levels are alike.
CodedFrame numbered_frame(uint16_t first) {
  CodedFrame frame;
  frame.resize(24, 16);
  for (size_t i = 0; i < frame.recon.size(); ++i) {
    frame.recon[i] = static_cast<uint16_t>(first + i);
    frame.levels[i] = static_cast<int16_t>(first + 2 * i);
  }
  for (size_t i = 0; i < frame.units.size(); ++i) {
    frame.units[i].mode = static_cast<uint8_t>((first + i) % 67);
  }
  return frame;
}

// Takes the node from one frame and puts it into another.
void expect_moved(const TreeNode &node, DecidedNode::Levels levels) {
  const CodedFrame from = numbered_frame(0);
  const CodedFrame before = numbered_frame(1000);
  CodedFrame to = before;
  const std::vector<Split> splits = {Split::kQuad, Split::kVertical, Split::kNone, Split::kNone};
  DecidedNode decided;
  decided.take(from, node, splits, 0, DecidedNode::Levels::kTaken);  // to be forgotten
  decided.take(from, node, splits, 1, levels);
  std::vector<Split> behind = {Split::kHorizontal};
  decided.put(to, node, behind);
  EXPECT_EQ(behind,
            (std::vector<Split>{Split::kHorizontal, Split::kVertical, Split::kNone, Split::kNone}));
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      SCOPED_TRACE(testing::Message() << x << ", " << y);
      const bool inside = x >= node.x && x < node.x + (1 << node.log2_w) && y >= node.y &&
                          y < node.y + (1 << node.log2_h);
      EXPECT_EQ(*to.recon_at(x, y), *(inside ? from : before).recon_at(x, y));
      const bool taken = inside && levels == DecidedNode::Levels::kTaken;
      EXPECT_EQ(*to.levels_at(x, y), *(taken ? from : before).levels_at(x, y));
      EXPECT_EQ(to.unit(x, y).mode, (inside ? from : before).unit(x, y).mode);
    }
  }
}

TEST(DecidedNode, ComesBack) {
  expect_moved({.x = 8, .y = 4, .log2_w = 3, .log2_h = 2}, DecidedNode::Levels::kTaken);
}

TEST(DecidedNode, WithoutLevels) {
  expect_moved({.x = 8, .y = 4, .log2_w = 3, .log2_h = 2}, DecidedNode::Levels::kLeft);
}

TEST(DecidedNode, EndsWithThePicture) {
  expect_moved({.x = 16, .y = 8, .log2_w = 4, .log2_h = 4}, DecidedNode::Levels::kTaken);
}

}  // namespace
}  // namespace feat::vvc
