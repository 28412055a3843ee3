// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the search has learned from the blocks so far: how far its guesses are off, and which
// alternatives were worth a guess. It goes from CTU to CTU and from row to row with the context
// states, so that it is the same whatever the number of threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/isp.h"
#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {

// How much blocks cost beyond the guess, by log2 of the area: a running mean over the blocks coded
// so far.
struct GuessBias {
  enum Variant : uint8_t { kPlain, kPartitioned, kTransformSkip };

  std::array<std::array<int64_t, 3>, 2 * kLog2MaxBlock + 1> of{};

  int64_t &at(const TreeNode &node, Variant variant) {
    return of[static_cast<size_t>(node.log2_w + node.log2_h)][variant];
  }
};

// By how much an alternative lowered the best cost whenever it was tried: the mean of the first
// times, then a running one of as many. One that brings less than is asked for is only tried now
// and then, to see whether that is still so.
class Payoff {
 public:
  // Whether to try it; learn() follows if so.
  bool due(int64_t least) {
    if (tries_ < kFirstTries) {
      ++tries_;
    } else if (mean_ < least && ++left_out_ < kPeriod) {
      return false;
    }
    left_out_ = 0;
    return true;
  }
  // `gain` is negative where the best cost stayed.
  void learn(int64_t gain) { mean_ += (std::max<int64_t>(gain, 0) - mean_) / tries_; }

 private:
  static constexpr int kFirstTries = 16;
  static constexpr int kPeriod = 8;

  int64_t mean_ = 0;
  uint8_t tries_ = 0;
  uint8_t left_out_ = 0;
};

struct Experience {
  static constexpr size_t kShapes = 25;  // sides of 4 to 64
  static constexpr size_t kSplits = 6;

  GuessBias bias;
  // Of the splits of blocks, by whether they need no level as a whole, shape and kind.
  std::array<std::array<std::array<Payoff, kSplits>, kShapes>, 2> splits;
  // Of sub-partitions, by shape and direction.
  std::array<std::array<Payoff, 2>, kShapes> partitions;
  // Bits for a sample, in units of rate: a running mean over CTUs; 0 before the first.
  int64_t sample_rate = 0;

  static size_t shape_of(const TreeNode &node) {
    return static_cast<size_t>(5 * (node.log2_w - 2) + node.log2_h - 2);
  }
  Payoff &of_split(const TreeNode &node, bool empty, Split split) {
    return splits[empty ? 1 : 0][shape_of(node)][static_cast<size_t>(split)];
  }
  Payoff &of_partitions(const TreeNode &node, Isp isp) {
    return partitions[shape_of(node)][isp == Isp::kHorizontal ? 0 : 1];
  }
  // Whether samples take a bit or more.
  bool fine() const { return sample_rate >= kOneBit; }
  // Whether they take an eighth or more. Below, where a node lies among the others counts for as
  // much as what is in it, and its guess cannot stand for another one.
  bool recalls() const { return 8 * sample_rate >= kOneBit; }
  void learn_rate(int64_t rate_of_sample) {
    sample_rate = sample_rate == 0 ? rate_of_sample
                                   : sample_rate + (rate_of_sample - sample_rate) / kRateMemory;
  }
  // What an alternative for a block has to bring: `share` of 1/256 bit times the square root of the
  // samples; less where samples take less than a quarter of a bit.
  int64_t least_gain(const TreeNode &node, int share) const {
    const int64_t weight = std::clamp<int64_t>(4 * sample_rate, 0, kOneBit);
    return (weight * share << ((node.log2_w + node.log2_h) / 2)) >> 8;
  }

 private:
  static constexpr int kRateMemory = 8;
};

}  // namespace feat::vvc
