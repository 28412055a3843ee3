// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/tree_search.h"

#include <algorithm>
#include <limits>

#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/ctu_writer.h"

namespace feat::vvc {
namespace {

constexpr int kLog2Large = 5;
constexpr int kQuarterMargin = 3;
// Beyond this area a node may be coded in twice as many ways: a split decides more there.
constexpr int kLog2FewWays = 9;
// Nodes of up to this area are recalled.
constexpr int kLog2MostRecalled = 9;
// Blocks of up to this area that are best without any level are not split.
constexpr int kLog2MostAsPredicted = 10;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 4;

}  // namespace

TreeSearch::TreeSearch(CodedFrame &frame, const PartitionLimits &limits, const QpPlan &qps,
                       const Effort &effort)
    : frame_(frame),
      limits_(limits),
      tools_(effort.tools),
      guess_first_(effort.guess_tree),
      all_splits_(effort.all_splits),
      effort_(effort),
      qps_(qps),
      coder_qp_(qps.at(0)),
      coder_(std::make_unique<BlockCoder>(frame, coder_qp_, effort)),
      known_(kShapes << (2 * (frame.log2_ctu - 2))) {
  for (auto &saved : saved_) saved = std::make_unique<Saved>();
}

SplitOptions TreeSearch::options_of(const TreeNode &node) const {
  return split_options(node, limits_, kLog2MinBlock, frame_.width, frame_.height);
}

bool TreeSearch::varies_along_rows(const TreeNode &node) const {
  const Steps steps =
      sum_of_steps(frame_.source_at(node.x, node.y), frame_.stride(), node.log2_w, node.log2_h);
  return steps.along > steps.down;
}

TreeSearch::Place &TreeSearch::place_of(const TreeNode &node) {
  const int mask = (1 << frame_.log2_ctu) - 1;
  const int place = (((node.y & mask) >> 2) << (frame_.log2_ctu - 2)) + ((node.x & mask) >> 2);
  return known_[static_cast<size_t>(place) * kShapes + Experience::shape_of(node)];
}

void TreeSearch::accept(const TreeNode &node, const CodedBlock &block) {
  const int width = block.unit.width();
  frame_.set_units(node.x, node.y, block.unit);
  for (int i = 0; i < block.unit.height(); ++i) {
    copy_samples(block.recon.data() + i * width, width, frame_.recon_at(node.x, node.y + i));
    if (block.unit.coded == 0) continue;
    int16_t *row = frame_.levels_at(node.x, node.y + i);
    for (int x = 0; x < width; ++x) {
      row[x] = static_cast<int16_t>(block.levels[static_cast<size_t>(i * width + x)]);
    }
  }
}

void TreeSearch::save(const TreeNode &node, size_t first_split, Saved &saved) const {
  saved.leaf = false;
  saved.contexts = counter_.contexts;
  saved.node.take(frame_, node, splits_, first_split, levels());
}

void TreeSearch::restore(const TreeNode &node, size_t first_split, const Saved &saved) {
  counter_.contexts = saved.contexts;
  splits_.resize(first_split);
  if (saved.leaf) {
    splits_.push_back(Split::kNone);
    accept(node, saved.block);
  } else {
    saved.node.put(frame_, node, splits_);
  }
}

int64_t TreeSearch::try_leaf(const TreeNode &node, const SplitOptions &options, int64_t limit,
                             Saved &best) {
  CodedBlock &block = best.block;
  if (guessing_) {
    best.leaf = true;
    const int64_t before = counter_.rate;
    best.cost = coder_->guess(node, counter_.contexts, place_of(node).choice, block);
    write_split_of(counter_, frame_, node, options, Split::kNone);
    best.contexts = counter_.contexts;
    best.cost += counter_.rate - before;
    return best.cost;
  }
  best.leaf = true;
  if (!coder_->code(node, counter_.contexts, place_of(node).choice, limit, block)) {
    return best.cost = kNever;
  }
  const int64_t rate_before = counter_.rate;
  write_split_of(counter_, frame_, node, options, Split::kNone);
  write_unit_of(counter_, frame_, tools_, node, block.unit, block.levels.data());
  best.contexts = counter_.contexts;
  best.cost = coder_->lambda().of_sse(block.distortion) + counter_.rate - rate_before;
  return best.cost;
}

int64_t TreeSearch::try_split(const TreeNode &node, const SplitOptions &options, Split split,
                              int depth, int64_t limit) {
  const int64_t before = counter_.rate;
  write_split_of(counter_, frame_, node, options, split);
  int64_t cost = counter_.rate - before;
  splits_.push_back(split);
  frame_.clear_done(node.x, node.y, 1 << node.log2_w, 1 << node.log2_h);
  TreeNode children[4];
  const int count = split_children(node, split, options.implied, children);
  for (int i = 0; i < count && cost < limit; ++i) {
    if (!frame_.outside(children[i])) cost += descend(children[i], depth + 1, limit - cost);
  }
  return cost;
}

int64_t TreeSearch::search(const TreeNode &node, int depth, int64_t limit) {
  const SplitOptions options = options_of(node);
  const ContextSet before = counter_.contexts;
  const size_t first_split = splits_.size();
  Saved &best = *saved_[static_cast<size_t>(depth)];
  best.cost = kNever;
  bool current = false;  // the state is that of the best
  if (options.none) try_leaf(node, options, limit, best);
  Place &place = place_of(node);
  const auto note = [&place](Split split, int64_t cost) {
    int64_t &known = place.guess[static_cast<size_t>(split)];
    known = std::min(known, cost);
  };
  if (options.none) note(Split::kNone, best.cost);

  Experience &experience = coder_->experience();
  const auto attempt = [&](bool possible, Split split) {
    if (!possible) return kNever;
    const bool learns = guessing_ && options.none;
    Payoff &payoff = experience.of_split(node, place.choice.empty, split);
    if (learns && !payoff.due(experience.least_gain(node, effort_.least_gain))) return kNever;
    const int64_t best_before = best.cost;
    counter_.contexts = before;
    splits_.resize(first_split);
    const int64_t cost = try_split(node, options, split, depth, std::min(limit, best.cost));
    note(split, cost);
    if (learns) payoff.learn(best_before - cost);
    current = cost < best.cost && cost < limit;
    if (current) {
      best.cost = cost;
      save(node, first_split, best);
    }
    return cost;
  };
  const int log2_area = node.log2_w + node.log2_h;
  const bool empty = guessing_ ? place.choice.empty : best.block.unit.coded == 0;
  const bool as_predicted =
      empty && !all_splits_ && best.cost < kNever && log2_area <= kLog2MostAsPredicted;
  if (options.none && (as_predicted || log2_area <= effort_.log2_least_split)) {
    if (best.cost < kNever) restore(node, first_split, best);
    return best.cost;
  }
  if (all_splits_) {
    attempt(options.vertical, Split::kVertical);
    attempt(options.horizontal, Split::kHorizontal);
    attempt(options.triple_vertical, Split::kTripleVertical);
    attempt(options.triple_horizontal, Split::kTripleHorizontal);
    attempt(options.quad, Split::kQuad);
    if (!current && best.cost < kNever) restore(node, first_split, best);
    return best.cost;
  }
  const int64_t whole = best.cost;
  // A large block that quarters improve much is not worth searching further.
  const bool large = node.log2_w > kLog2Large && options.none && options.quad;
  if (large) {
    attempt(true, Split::kQuad);
    if (best.cost < whole - (whole >> kQuarterMargin)) {
      if (!current) restore(node, first_split, best);
      return best.cost;
    }
  }
  // Halves first, across the stronger changes; the other direction only if they do not pay enough.
  const int64_t enough = effort_.enough_shift > 0 ? whole - (whole >> effort_.enough_shift) : whole;
  const bool across = options.none && varies_along_rows(node);
  int64_t vertical = kNever;
  int64_t horizontal = kNever;
  for (const bool is_vertical : {across, !across}) {
    if (std::min(vertical, horizontal) < enough) break;
    if (is_vertical) {
      vertical = attempt(options.vertical, Split::kVertical);
    } else {
      horizontal = attempt(options.horizontal, Split::kHorizontal);
    }
  }
  // Where halves do not pay, thirds and quarters hardly do.
  if ((!options.vertical && !options.horizontal) || std::min(vertical, horizontal) < whole) {
    attempt(options.triple_vertical && vertical < whole, Split::kTripleVertical);
    attempt(options.triple_horizontal && horizontal < whole, Split::kTripleHorizontal);
    attempt(options.quad && !large, Split::kQuad);
  }

  if (!current && best.cost < kNever) restore(node, first_split, best);
  return best.cost;
}

int64_t TreeSearch::recall(const TreeNode &node, int depth, int64_t limit) {
  if (!coder_->experience().recalls() || node.log2_w + node.log2_h > kLog2MostRecalled) {
    return search(node, depth, limit);
  }
  Place &place = place_of(node);
  if (place.least >= limit) return place.found ? place.least : kNever;
  if (place.found) {
    place.node.put(frame_, node, splits_);
    return place.least;
  }
  const size_t first_split = splits_.size();
  const int64_t cost = search(node, depth, limit);
  place.found = cost < limit;
  if (place.found) place.node.take(frame_, node, splits_, first_split, levels());
  place.least = std::min(cost, limit);
  return cost;
}

TreeSearch::Ways TreeSearch::promising_ways(const TreeNode &node, const SplitOptions &options) {
  const std::array<bool, kSplits> possible = {options.none,
                                              options.quad,
                                              options.horizontal,
                                              options.vertical,
                                              options.triple_horizontal,
                                              options.triple_vertical};
  std::array<Split, kSplits> order{};
  size_t count = 0;
  for (size_t i = 0; i < kSplits; ++i) {
    if (possible[i]) order[count++] = static_cast<Split>(i);
  }
  const std::array<int64_t, kSplits> &guess = place_of(node).guess;
  const auto guess_of = [&guess](Split split) { return guess[static_cast<size_t>(split)]; };
  std::stable_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(count),
                   [&](Split a, Split b) { return guess_of(a) < guess_of(b); });
  const Refinement &refinement = coder_->experience().fine() ? effort_.fine : effort_.coarse;
  int64_t most = guess_of(order[0]) + guess_margin(node, refinement.margin);
  if (guess_of(order[0]) == kNever) {
    // A node that was given up on before: as a whole, if that is possible, else in any way.
    most = kNever;
    if (options.none) count = 1;
  } else {
    const bool few = node.log2_w + node.log2_h <= kLog2FewWays;
    count = std::min(count, few ? refinement.ways : 2 * refinement.ways);
  }
  Ways ways;
  for (size_t i = 0; i < count && guess_of(order[i]) <= most; ++i) {
    if (order[i] == Split::kNone) {
      ways.whole = true;
    } else {
      ways.splits[ways.count++] = order[i];
    }
  }
  return ways;
}

int64_t TreeSearch::refine(const TreeNode &node, int depth, int64_t limit) {
  const SplitOptions options = options_of(node);
  const ContextSet before = counter_.contexts;
  const size_t first_split = splits_.size();
  Saved &best = *saved_[static_cast<size_t>(depth)];
  best.cost = kNever;
  bool current = false;
  const Ways ways = promising_ways(node, options);
  if (ways.whole) try_leaf(node, options, limit, best);
  for (size_t i = 0; i < ways.count; ++i) {
    counter_.contexts = before;
    splits_.resize(first_split);
    const int64_t cost =
        try_split(node, options, ways.splits[i], depth, std::min(limit, best.cost));
    current = cost < best.cost && cost < limit;
    if (current) {
      best.cost = cost;
      save(node, first_split, best);
    }
  }
  if (!current && best.cost < kNever) restore(node, first_split, best);
  return best.cost;
}

int64_t TreeSearch::sample_rate(const TreeNode &ctu, int64_t cost) const {
  const int width = std::min(1 << ctu.log2_w, frame_.width - ctu.x);
  const int height = std::min(1 << ctu.log2_h, frame_.height - ctu.y);
  const int64_t squared_error = frame_.squared_error(ctu.x, ctu.y, width, height);
  return (cost - coder_->lambda().of_sse(squared_error)) / (width * height);
}

void TreeSearch::search_ctu(int x, int y) {
  const TreeNode root = frame_.ctu_node(x, y);
  const QpPlan::Point qp = qps_.at(frame_.ctu_index(x, y));
  if (qp != coder_qp_) {
    const Experience experience = coder_->experience();
    coder_ = std::make_unique<BlockCoder>(frame_, qp, effort_);
    coder_->experience() = experience;
    coder_qp_ = qp;
  }
  splits_.clear();
  for (Place &place : known_) {
    place.choice.known = false;
    place.choice.likely = Isp::kNone;
    place.guess.fill(kNever);
    place.found = false;
    place.least = 0;
  }
  const ContextSet before = counter_.contexts;
  guessing_ = guess_first_;
  search(root, 0, kNever);
  if (guessing_) {
    guessing_ = false;
    // Modes that were chosen beside rough reconstructions are chosen anew.
    for (Place &place : known_) {
      if (place.choice.known) place.choice.likely = place.choice.partitioned.isp;
      place.choice.known = false;
    }
    counter_.contexts = before;
    const int side = 1 << frame_.log2_ctu;
    frame_.clear_done(x, y, side, side);
    splits_.clear();
    const int64_t cost = refine(root, 0, kNever);
    coder_->experience().learn_rate(sample_rate(root, cost));
  }
  frame_.splits[frame_.ctu_index(x, y)] = splits_;
}

}  // namespace feat::vvc
