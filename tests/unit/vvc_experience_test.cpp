// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the encoder's search learns from block to block.
#include "codecs/vvc/encoder/experience.h"

#include <gtest/gtest.h>

namespace feat::vvc {
namespace {

int tries(Payoff &payoff, int chances, int64_t least, int64_t gain) {
  int tried = 0;
  for (int i = 0; i < chances; ++i) {
    if (!payoff.due(least)) continue;
    ++tried;
    payoff.learn(gain);
  }
  return tried;
}

TEST(Payoff, KeepsWhatPays) {
  Payoff payoff;
  EXPECT_EQ(tries(payoff, 1000, 100, 100), 1000);
}

TEST(Payoff, GivesUpWhatDoesNotButComesBackToIt) {
  Payoff payoff;
  EXPECT_EQ(tries(payoff, 16, 100, 99), 16);
  EXPECT_EQ(tries(payoff, 800, 100, -5), 100);
  // It pays again: after some chances it is tried whenever there is one.
  tries(payoff, 100, 100, 5000);
  EXPECT_EQ(tries(payoff, 100, 100, 5000), 100);
}

TEST(Payoff, LossesCountAsNothing) {
  Payoff payoff;
  tries(payoff, 15, 1, -1000000);
  tries(payoff, 1, 1, 160);
  EXPECT_EQ(tries(payoff, 100, 10, 10), 100);
}

TEST(Experience, LeastGainGrowsWithTheBlockAndTheRate) {
  Experience experience;
  TreeNode node;
  node.log2_w = 4;
  node.log2_h = 2;
  EXPECT_EQ(experience.least_gain(node, 256), 0);  // nothing coded yet
  experience.learn_rate(kOneBit / 8);
  EXPECT_EQ(experience.least_gain(node, 256), 4 * kOneBit);
  EXPECT_EQ(experience.least_gain(node, 32), kOneBit / 2);
  node.log2_h = 4;
  EXPECT_EQ(experience.least_gain(node, 256), 8 * kOneBit);
  for (int i = 0; i < 100; ++i) experience.learn_rate(9 * kOneBit);
  EXPECT_EQ(experience.least_gain(node, 256), 16 * kOneBit);
}

TEST(Experience, RatesAreTold) {
  Experience experience;
  EXPECT_FALSE(experience.recalls());  // nothing coded yet
  experience.learn_rate(kOneBit / 8 - 1);
  EXPECT_FALSE(experience.recalls());
  experience = {};
  experience.learn_rate(kOneBit / 8);
  EXPECT_TRUE(experience.recalls());
  EXPECT_FALSE(experience.fine());
  experience = {};
  experience.learn_rate(kOneBit - 1);
  EXPECT_FALSE(experience.fine());
  experience = {};
  experience.learn_rate(kOneBit);
  EXPECT_TRUE(experience.fine());
}

TEST(Experience, KeepsShapesKindsAndDirectionsApart) {
  Experience experience;
  TreeNode node;
  node.log2_w = 3;
  node.log2_h = 5;
  Payoff &payoff = experience.of_split(node, false, Split::kVertical);
  EXPECT_NE(&payoff, &experience.of_split(node, true, Split::kVertical));
  EXPECT_NE(&payoff, &experience.of_split(node, false, Split::kHorizontal));
  EXPECT_NE(&experience.of_partitions(node, Isp::kVertical),
            &experience.of_partitions(node, Isp::kHorizontal));
  node.log2_w = 5;
  node.log2_h = 3;
  EXPECT_NE(&payoff, &experience.of_split(node, false, Split::kVertical));
}

}  // namespace
}  // namespace feat::vvc
