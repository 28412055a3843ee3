// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_coder.h"

#include <algorithm>
#include <bitset>
#include <limits>

#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {
namespace {

// Transform skip is coded where its guess lies no further above the best cost.
constexpr int kSkipMargin = 16;
// Share of a new difference in the running mean of the guess's errors.
constexpr int kLearningShift = 6;
// A block is not coded where its guess lies this far above what its cost has to stay below.
constexpr int kHopelessMargin = 8;
constexpr size_t kIntraModes = 67;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 4;

}  // namespace

BlockCoder::BlockCoder(CodedFrame &frame, QpPlan::Point qp, const Effort &effort)
    : frame_(frame),
      effort_(effort),
      lambda_(qp.qp, frame.bit_depth, qp.part),
      lossless_(frame, effort),
      transform_(qp.qp + 6 * (frame.bit_depth - 8), frame.bit_depth, effort.tools.implicit_mts,
                 effort.path_start, lambda_) {}

int64_t BlockCoder::rate_of(const IntraChoice &choice) const {
  return prediction_rate(*contexts_, choice, syntax_, mpm_);
}

int64_t BlockCoder::flag_rate(int ctx, bool value) const {
  return bin_rate((*contexts_)[ctx], value ? 1 : 0);
}

void BlockCoder::learn(GuessBias::Variant variant, int64_t guess, int64_t cost) {
  int64_t &bias = experience_.bias.at(node_, variant);
  bias += (cost - guess) / (1 << kLearningShift);
}

void BlockCoder::keep_if_better() {
  if (trial_->cost < best_->cost) std::swap(trial_, best_);
}

void BlockCoder::prepare(const IntraChoice &choice, Candidate &candidate) {
  candidate.choice = choice;
  frame_.collect(node_.x, node_.y, width(), height(), choice.ref_idx, reference_);
  predict_intra(reference_, choice.mode, node_.log2_w, node_.log2_h, frame_.bit_depth,
                candidate.prediction.data(), width(), choice.ref_idx);
  residual_.set(frame_.source_at(node_.x, node_.y), frame_.stride(), candidate.prediction.data(),
                node_.log2_w, node_.log2_h);
  candidate.base = lambda_.of_sse(residual_.energy) + rate_of(choice);
  transform_.transform(residual_, candidate.coefficients.data());
  const int64_t levels =
      transform_.guess(candidate.coefficients.data(), node_.log2_w, node_.log2_h);
  candidate.empty = levels >= 0;
  candidate.guess =
      std::max<int64_t>(candidate.base + levels + experience_.bias.at(node_, GuessBias::kPlain), 0);
}

// Leaves the most promising mode in *chosen_.
void BlockCoder::search_modes(const BlockSearch &settings) {
  modes_ = preselect_modes(frame_, node_.x, node_.y, node_.log2_w, node_.log2_h, *contexts_,
                           syntax_, mpm_, lambda_.root(), settings.modes);
  Candidate *spare = candidates_.data() + 1;
  chosen_ = candidates_.data();
  chosen_->guess = kNever;
  for (size_t i = 0; i < modes_.count; ++i) {
    ModeCandidate &mode = modes_.best[i];
    prepare({mode.mode, mode.ref_idx}, *spare);
    mode.cost = spare->guess;
    if (spare->guess < chosen_->guess) std::swap(spare, chosen_);
  }
  const auto end = modes_.best.begin() + static_cast<ptrdiff_t>(modes_.count);
  std::stable_sort(modes_.best.begin(), end,
                   [](const auto &a, const auto &b) { return a.cost < b.cost; });
}

void BlockCoder::try_candidate(const Candidate &candidate) {
  Trial &t = *trial_;
  t.unit.mode = candidate.choice.mode;
  t.unit.ref_idx = candidate.choice.ref_idx;
  t.unit.isp = Isp::kNone;
  t.unit.transform_skip = false;
  const int64_t none = candidate.base + flag_rate(kCtxCbf, false);
  int64_t flags = candidate.base + flag_rate(kCtxCbf, true);
  if (effort_.tools.transform_skip && may_skip_transform(node_.log2_w, node_.log2_h)) {
    flags += flag_rate(kCtxTsFlag, false);
  }
  int64_t cost = 0;
  const bool coded = transform_.quantize(candidate.coefficients.data(), node_.log2_w, node_.log2_h,
                                         rates_, best_->cost - flags, t.levels.data(), cost);
  cost += flags;
  t.unit.coded = coded && cost < none ? 1 : 0;
  t.cost = t.unit.coded != 0 ? cost : none;
  learn(GuessBias::kPlain, candidate.guess, t.cost);
  std::copy_n(candidate.prediction.data(), area(), t.samples.data());
  keep_if_better();
}

void BlockCoder::try_transform_skip(const Candidate &candidate) {
  residual_.set(frame_.source_at(node_.x, node_.y), frame_.stride(), candidate.prediction.data(),
                node_.log2_w, node_.log2_h);
  const int64_t base = candidate.base + flag_rate(kCtxCbf, true) + flag_rate(kCtxTsFlag, true);
  const int64_t guess = base + transform_.guess_skip(residual_) +
                        experience_.bias.at(node_, GuessBias::kTransformSkip);
  if (guess > best_->cost + guess_margin(node_, kSkipMargin)) return;
  Trial &t = *trial_;
  int64_t cost = 0;
  if (!transform_.quantize_skip(residual_, *contexts_, t.levels.data(), cost)) return;
  t.unit.mode = candidate.choice.mode;
  t.unit.ref_idx = candidate.choice.ref_idx;
  t.unit.isp = Isp::kNone;
  t.unit.coded = 1;
  t.unit.transform_skip = true;
  t.cost = base + cost;
  learn(GuessBias::kTransformSkip, guess, t.cost);
  std::copy_n(candidate.prediction.data(), area(), t.samples.data());
  keep_if_better();
}

TreeNode BlockCoder::partition_place(const IspShape &shape, int index, Isp isp) const {
  TreeNode place;
  place.log2_w = shape.log2_w;
  place.log2_h = shape.log2_h;
  place.x = node_.x + (isp == Isp::kVertical ? index << shape.log2_w : 0);
  place.y = node_.y + (isp == Isp::kVertical ? 0 : index << shape.log2_h);
  return place;
}

const uint16_t *BlockCoder::predict_partition(const IspShape &shape, int index,
                                              const IntraChoice &choice) {
  const TreeNode place = partition_place(shape, index, choice.isp);
  const int part_w = 1 << shape.log2_w;
  const int part_h = 1 << shape.log2_h;
  // Narrow partitions are predicted four columns at a time.
  const int log2_region = std::max(shape.log2_w, 2);
  const int region = 1 << log2_region;
  const int inside = (place.x - node_.x) & (region - 1);
  if (inside == 0) {
    frame_.collect_lengths(place.x, place.y, region + width(), part_h + height(), 0, reference_);
    predict_isp(reference_, choice.mode, node_.log2_w, node_.log2_h, log2_region, shape.log2_h,
                frame_.bit_depth, prediction_.data(), region);
  }
  const uint16_t *prediction = prediction_.data();
  if (region != part_w) {
    // One column or two.
    const uint16_t *from = prediction_.data() + inside;
    uint16_t *to = part_prediction_.data();
    for (int j = 0; j < part_h; ++j, from += region) {
      *to++ = from[0];
      if (part_w == 2) *to++ = from[1];
    }
    prediction = part_prediction_.data();
  }
  residual_.set(frame_.source_at(place.x, place.y), frame_.stride(), prediction, shape.log2_w,
                shape.log2_h);
  transform_.transform(residual_, part_coefficients_.data());
  return prediction;
}

int64_t BlockCoder::guess_partitions(const IntraChoice &choice, int64_t limit) {
  const IspShape shape = isp_shape(node_.log2_w, node_.log2_h, choice.isp);
  int64_t cost = rate_of(choice) + experience_.bias.at(node_, GuessBias::kPartitioned);
  for (int i = 0; i < shape.parts; ++i) {
    const uint16_t *prediction = predict_partition(shape, i, choice);
    const int64_t gain = transform_.guess(part_coefficients_.data(), shape.log2_w, shape.log2_h);
    cost += lambda_.of_sse(residual_.energy) + gain + flag_rate(kCtxCbf + 2, gain < 0);
    if (cost >= limit) break;
    const TreeNode place = partition_place(shape, i, choice.isp);
    transform_.reconstruct_roughly(part_coefficients_.data(), shape.log2_w, shape.log2_h,
                                   prediction, frame_.recon_at(place.x, place.y), frame_.stride());
    frame_.mark_done(place.x, place.y, 1 << shape.log2_w, 1 << shape.log2_h);
  }
  frame_.clear_done(node_.x, node_.y, width(), height());
  return std::max<int64_t>(cost, 0);
}

void BlockCoder::guess_partitions(uint8_t mode, KnownChoice &known) {
  for (const Isp isp : {Isp::kHorizontal, Isp::kVertical}) {
    if (known.likely != Isp::kNone && isp != known.likely) continue;
    Payoff &payoff = experience_.of_partitions(node_, isp);
    if (guessing_ && !payoff.due(experience_.least_gain(node_, effort_.least_gain))) continue;
    const IntraChoice choice{mode, 0, isp};
    const int64_t limit = std::min(known.partitioned_guess, known.plain_guess + margin());
    const int64_t guess = guess_partitions(choice, limit);
    if (guessing_) payoff.learn(std::min(known.partitioned_guess, known.plain_guess) - guess);
    if (guess >= limit) continue;
    known.partitioned_guess = guess;
    known.partitioned = choice;
    take_reconstruction(partitions_recon_.data());
  }
}

void BlockCoder::take_reconstruction(uint16_t *out) const {
  for (int y = 0; y < height(); ++y) {
    copy_samples(frame_.recon_at(node_.x, node_.y + y), width(), out + y * width());
  }
}

void BlockCoder::search_partitions(const BlockSearch &settings, KnownChoice &known) {
  known.partitioned = {};
  known.partitioned_guess = kNever;
  if (!syntax_.isp) return;
  std::bitset<kIntraModes> tried;
  for (size_t i = 0; i < modes_.count && tried.count() < settings.partitioned_modes; ++i) {
    const uint8_t mode = modes_.best[i].mode;
    if (modes_.best[i].cost > known.plain_guess + margin()) break;
    if (tried[mode]) continue;  // with another reference line
    tried.set(mode);
    guess_partitions(mode, known);
  }
}

void BlockCoder::try_partitions(const IntraChoice &choice, int64_t guess) {
  const IspShape shape = isp_shape(node_.log2_w, node_.log2_h, choice.isp);
  Trial &t = *trial_;
  t.unit.mode = choice.mode;
  t.unit.ref_idx = 0;
  t.unit.isp = choice.isp;
  t.unit.transform_skip = false;
  t.unit.coded = 0;
  t.cost = rate_of(choice);
  part_rates_.set(*contexts_, shape.log2_w, shape.log2_h);
  int previous = 0;
  int done = 0;
  for (int i = 0; i < shape.parts && t.cost < best_->cost; ++i) {
    const uint16_t *prediction = predict_partition(shape, i, choice);
    const TreeNode place = partition_place(shape, i, choice.isp);
    int32_t *levels = t.levels.data() + (i << (shape.log2_w + shape.log2_h));
    uint16_t *recon = frame_.recon_at(place.x, place.y);
    int64_t cost = 0;
    const bool coded = transform_.quantize(part_coefficients_.data(), shape.log2_w, shape.log2_h,
                                           part_rates_, kNever, levels, cost) &&
                       cost < 0;
    if (i + 1 < shape.parts || t.unit.coded != 0) {
      t.cost += flag_rate(kCtxCbf + 2 + previous, coded);
    } else if (!coded) {
      t.cost = kNever;  // the syntax asks for levels in one partition at least
      break;
    }
    t.cost += lambda_.of_sse(residual_.energy);
    if (coded) {
      t.cost += cost;
      t.unit.coded = static_cast<uint8_t>(t.unit.coded | 1 << i);
      transform_.reconstruct(levels, shape.log2_w, shape.log2_h, false, prediction, recon,
                             frame_.stride());
    } else {
      copy_block(prediction, shape.log2_w, shape.log2_h, recon, frame_.stride());
    }
    previous = coded ? 1 : 0;
    ++done;
    frame_.mark_done(place.x, place.y, 1 << shape.log2_w, 1 << shape.log2_h);
  }
  frame_.clear_done(node_.x, node_.y, width(), height());
  if (done == shape.parts) learn(GuessBias::kPartitioned, guess, t.cost);
  if (t.cost >= best_->cost) return;
  take_reconstruction(t.samples.data());
  std::swap(trial_, best_);
}

void BlockCoder::search(const BlockSearch &settings, KnownChoice &known) {
  search_modes(settings);
  known.known = true;
  known.plain = chosen_->choice;
  known.plain_guess = chosen_->guess;
  known.other_count = std::min({modes_.count, effort_.coded_modes, known.others.size() + 1}) - 1;
  for (size_t i = 0; i < known.other_count; ++i) {
    const ModeCandidate &next = modes_.best[i + 1];
    known.others[i] = {{next.mode, next.ref_idx}, next.cost};
  }
  search_partitions(settings, known);
  known.empty = chosen_->empty && known.plain_guess <= known.partitioned_guess;
}

void BlockCoder::reconstruct(CodedBlock &out) {
  const Trial &best = *best_;
  out.unit = best.unit;
  if (best.unit.coded != 0) std::copy_n(best.levels.data(), area(), out.levels.data());
  if (best.unit.coded != 0 && best.unit.isp == Isp::kNone) {
    transform_.reconstruct(best.levels.data(), node_.log2_w, node_.log2_h, best.unit.transform_skip,
                           best.samples.data(), out.recon.data(), width());
  } else {
    std::copy_n(best.samples.data(), area(), out.recon.data());
  }
  out.distortion = sum_of_squared_errors(frame_.source_at(node_.x, node_.y), frame_.stride(),
                                         out.recon.data(), width(), node_.log2_w, node_.log2_h);
}

void BlockCoder::start(const TreeNode &node, const ContextSet &contexts) {
  node_ = node;
  contexts_ = &contexts;
  mpm_ = frame_.probable_modes(node.x, node.y, width(), height());
  syntax_ = {effort_.tools.mrl && frame_.may_use_far_lines(node.y),
             effort_.tools.isp && isp_allowed(node.log2_w, node.log2_h, kLog2MaxBlock)};
  chosen_ = candidates_.data();
}

// What the most probable modes are may have changed since the choice was made.
IntraChoice BlockCoder::permitted(IntraChoice choice) const {
  if (!line_permitted(choice, mpm_)) choice.ref_idx = 0;
  return choice;
}

int64_t BlockCoder::guess(const TreeNode &node, const ContextSet &contexts, KnownChoice &known,
                          CodedBlock &out) {
  start(node, contexts);
  const bool had = known.known;
  guessing_ = true;
  if (!had) search(effort_.guessed_block, known);
  const bool partitions = known.partitioned_guess < known.plain_guess;
  out.unit = unit_of(node);
  if (partitions) {
    out.unit.mode = known.partitioned.mode;
    if (had) {
      const int64_t cost = guess_partitions(known.partitioned, kNever);
      take_reconstruction(out.recon.data());
      return cost;
    }
    std::copy_n(partitions_recon_.data(), area(), out.recon.data());
    return known.partitioned_guess;
  }
  if (had) prepare(permitted(known.plain), *chosen_);
  out.unit.mode = chosen_->choice.mode;
  transform_.reconstruct_roughly(chosen_->coefficients.data(), node.log2_w, node.log2_h,
                                 chosen_->prediction.data(), out.recon.data(), width());
  return chosen_->guess;
}

bool BlockCoder::code(const TreeNode &node, const ContextSet &contexts, KnownChoice &known,
                      int64_t limit, CodedBlock &out) {
  if (effort_.lossless) {
    lossless_.code(node, contexts, known, out);
    return true;
  }
  start(node, contexts);
  const bool had = known.known;
  guessing_ = false;
  if (!had) search(effort_.block, known);
  if (std::min(known.plain_guess, known.partitioned_guess) - guess_margin(node, kHopelessMargin) >=
      limit) {
    return false;
  }
  if (had) prepare(permitted(known.plain), *chosen_);
  rates_.set(contexts, node.log2_w, node.log2_h);
  best_ = trials_.data();
  trial_ = best_ + 1;
  for (Trial &t : trials_) t.unit = unit_of(node);
  best_->cost = kNever;
  const int64_t close = known.partitioned_guess + margin();
  if (known.plain_guess < close) try_candidate(*chosen_);
  if (known.partitioned.isp != Isp::kNone) {
    try_partitions(known.partitioned, known.partitioned_guess);
  }
  if (best_->cost == kNever) try_candidate(*chosen_);
  if (effort_.tools.transform_skip && may_skip_transform(node_.log2_w, node_.log2_h)) {
    try_transform_skip(*chosen_);
  }
  const int64_t most = std::min(known.plain_guess, known.partitioned_guess) + margin();
  for (size_t i = 0; i < known.other_count && known.others[i].guess < most; ++i) {
    prepare(permitted(known.others[i].choice), *chosen_);
    try_candidate(*chosen_);
  }
  if (best_->cost >= limit) return false;
  reconstruct(out);
  return true;
}

}  // namespace feat::vvc
