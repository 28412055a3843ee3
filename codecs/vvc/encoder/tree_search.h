// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate-distortion search of the coding tree of a CTU, and its coding.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/encoder/block_coder.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/decided_node.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {

class TreeSearch {
 public:
  TreeSearch(CodedFrame &frame, const PartitionLimits &limits, const QpPlan &qps,
             const Effort &effort);

  // Decides the CTU at (x, y), starting from the context states and leaving those behind it.
  void search_ctu(int x, int y);

  // What a search learns and the next row goes on with.
  struct State {
    ContextSet contexts;
    Experience experience;
  };
  State state() { return {counter_.contexts, coder_->experience()}; }
  void set_state(const State &state) {
    counter_.contexts = state.contexts;
    coder_->experience() = state.experience;
  }

 private:
  static constexpr int kMaxDepth = 10;
  static constexpr size_t kShapes = Experience::kShapes;
  static constexpr size_t kSplits = Experience::kSplits;  // kNone among them

  // What is known of blocks of one shape in one place.
  struct Place {
    KnownChoice choice;
    std::array<int64_t, kSplits> guess;  // by split; kNever where not tried
    // How the guessing walk would code a node here, if `found`: at a cost of `least`. If not, it
    // costs that or more.
    bool found = false;
    int64_t least = 0;
    DecidedNode node;
  };
  // The best of the alternatives of a node so far.
  struct Saved {
    int64_t cost = 0;
    bool leaf = false;  // then it is `block`, else `node`
    ContextSet contexts;
    DecidedNode node;
    CodedBlock block;
  };

  // Best cost of the node, or anything not below `limit`; in the first case leaves decisions,
  // reconstruction and context states as if coded.
  int64_t search(const TreeNode &node, int depth, int64_t limit);
  // The same, but that a node which comes back along another way through the tree is what it was
  // the first time, however its neighbours and the splits that it may have differ.
  int64_t recall(const TreeNode &node, int depth, int64_t limit);
  // Whether neighbouring columns of the source differ more than neighbouring rows.
  bool varies_along_rows(const TreeNode &node) const;
  // Ways to code a node that were guessed to come close to the best.
  struct Ways {
    bool whole = false;
    size_t count = 0;
    std::array<Split, kSplits> splits{};  // by guess
  };
  Ways promising_ways(const TreeNode &node, const SplitOptions &options);
  // search() with these ways alone, coded in full.
  int64_t refine(const TreeNode &node, int depth, int64_t limit);
  int64_t try_leaf(const TreeNode &node, const SplitOptions &options, int64_t limit, Saved &best);
  int64_t descend(const TreeNode &node, int depth, int64_t limit) {
    if (guessing_) return recall(node, depth, limit);
    return guess_first_ ? refine(node, depth, limit) : search(node, depth, limit);
  }
  int64_t try_split(const TreeNode &node, const SplitOptions &options, Split split, int depth,
                    int64_t limit);
  DecidedNode::Levels levels() const {
    return guessing_ ? DecidedNode::Levels::kLeft : DecidedNode::Levels::kTaken;
  }
  void save(const TreeNode &node, size_t first_split, Saved &saved) const;
  void restore(const TreeNode &node, size_t first_split, const Saved &saved);
  void accept(const TreeNode &node, const CodedBlock &block);
  SplitOptions options_of(const TreeNode &node) const;
  Place &place_of(const TreeNode &node);
  // Bits for a sample of a CTU that was coded at this cost.
  int64_t sample_rate(const TreeNode &ctu, int64_t cost) const;

  CodedFrame &frame_;
  PartitionLimits limits_;
  CodingTools tools_;
  bool guess_first_;
  bool all_splits_;
  bool guessing_ = false;
  Effort effort_;
  QpPlan qps_;
  QpPlan::Point coder_qp_;
  std::unique_ptr<BlockCoder> coder_;  // for CTUs of coder_qp_
  RateCounter counter_;
  std::vector<Split> splits_;  // of the CTU's nodes as far as decided, parents first
  std::vector<Place> known_;   // by place in the CTU and shape
  std::array<std::unique_ptr<Saved>, kMaxDepth> saved_;
};

}  // namespace feat::vvc
