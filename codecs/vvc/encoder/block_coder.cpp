// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_coder.h"

#include <algorithm>
#include <limits>

#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {

BlockCoder::BlockCoder(CodedFrame &frame, int qp, const Effort &effort)
    : frame_(frame),
      effort_(effort),
      lambda_(qp, frame.bit_depth),
      transform_(qp + 6 * (frame.bit_depth - 8), frame.bit_depth, lambda_) {}

int64_t BlockCoder::rate_of(const IntraChoice &choice) const {
  return prediction_rate(*contexts_, choice, syntax_, mpm_);
}

void BlockCoder::keep_if_better() {
  if (trial_->cost < best_->cost) std::swap(trial_, best_);
}

void BlockCoder::try_choice(const ModeCandidate &candidate) {
  Trial &t = *trial_;
  t.unit.mode = candidate.mode;
  t.unit.ref_idx = candidate.ref_idx;
  t.unit.isp = Isp::kNone;
  t.unit.transform_skip = false;
  frame_.collect(node_.x, node_.y, width(), height(), candidate.ref_idx, reference_);
  predict_intra(reference_, candidate.mode, node_.log2_w, node_.log2_h, frame_.bit_depth,
                t.samples.data(), width(), candidate.ref_idx);
  residual_.set(frame_.source_at(node_.x, node_.y), frame_.stride(), t.samples.data(), node_.log2_w,
                node_.log2_h);
  const int64_t base =
      lambda_.of_sse(residual_.energy) + rate_of({candidate.mode, candidate.ref_idx});
  const ContextSet &contexts = *contexts_;
  const int64_t none = base + bin_rate(contexts[kCtxCbf], 0);
  int64_t cost = 0;
  t.unit.coded = transform_.quantize(residual_, rates_, t.levels.data(), cost) ? 1 : 0;
  if (t.unit.coded != 0) {
    cost += base + bin_rate(contexts[kCtxCbf], 1);
    if (effort_.tools.transform_skip && may_skip_transform(node_.log2_w, node_.log2_h)) {
      cost += bin_rate(contexts[kCtxTsFlag], 0);
    }
    if (none <= cost) t.unit.coded = 0;
  }
  t.cost = t.unit.coded != 0 ? cost : none;
  keep_if_better();
}

void BlockCoder::try_transform_skip() {
  const Trial &best = *best_;
  Trial &t = *trial_;
  residual_.set(frame_.source_at(node_.x, node_.y), frame_.stride(), best.samples.data(),
                node_.log2_w, node_.log2_h);
  int64_t cost = 0;
  if (!transform_.quantize_skip(residual_, *contexts_, t.levels.data(), cost)) return;
  t.unit = best.unit;
  t.unit.coded = 1;
  t.unit.transform_skip = true;
  t.cost = lambda_.of_sse(residual_.energy) + rate_of({t.unit.mode, t.unit.ref_idx}) +
           bin_rate((*contexts_)[kCtxCbf], 1) + bin_rate((*contexts_)[kCtxTsFlag], 1) + cost;
  if (t.cost >= best.cost) return;
  std::copy_n(best.samples.data(), area(), t.samples.data());
  std::swap(trial_, best_);
}

// Predicts, codes and reconstructs one sub-partition in the frame. False: it has no levels.
bool BlockCoder::code_partition(const IspShape &shape, int index, Trial &trial, int64_t &cost) {
  const bool vertical = trial.unit.isp == Isp::kVertical;
  const int part_w = 1 << shape.log2_w;
  const int part_h = 1 << shape.log2_h;
  const int dx = vertical ? index * part_w : 0;
  const int x = node_.x + dx;
  const int y = node_.y + (vertical ? 0 : index * part_h);
  // Narrow partitions are predicted four columns at a time.
  const int log2_region = std::max(shape.log2_w, 2);
  const int region = 1 << log2_region;
  const int inside = dx & (region - 1);
  if (inside == 0) {
    frame_.collect_lengths(x, y, region + width(), part_h + height(), 0, reference_);
    predict_isp(reference_, trial.unit.mode, node_.log2_w, node_.log2_h, log2_region, shape.log2_h,
                frame_.bit_depth, prediction_.data(), region);
  }
  std::array<uint16_t, kMaxBlockArea> own;
  const uint16_t *prediction = prediction_.data();
  if (region != part_w) {
    for (int j = 0; j < part_h; ++j) {
      std::copy_n(prediction_.data() + j * region + inside, part_w, own.data() + j * part_w);
    }
    prediction = own.data();
  }
  residual_.set(frame_.source_at(x, y), frame_.stride(), prediction, shape.log2_w, shape.log2_h);
  int32_t *levels = trial.levels.data() + (index << (shape.log2_w + shape.log2_h));
  cost = 0;
  const bool coded = transform_.quantize(residual_, part_rates_, levels, cost) && cost < 0;
  if (!coded) cost = 0;
  cost += lambda_.of_sse(residual_.energy);
  if (coded) {
    transform_.reconstruct(levels, shape.log2_w, shape.log2_h, false, prediction,
                           frame_.recon_at(x, y), frame_.stride());
  } else {
    for (int j = 0; j < part_h; ++j) {
      std::copy_n(prediction + j * part_w, part_w, frame_.recon_at(x, y + j));
    }
  }
  frame_.mark_done(x, y, part_w, part_h);  // for the references of the next ones
  return coded;
}

void BlockCoder::try_partitions(uint8_t mode, Isp isp) {
  const ContextSet &contexts = *contexts_;
  const IspShape shape = isp_shape(node_.log2_w, node_.log2_h, isp);
  Trial &t = *trial_;
  t.unit.mode = mode;
  t.unit.ref_idx = 0;
  t.unit.isp = isp;
  t.unit.transform_skip = false;
  t.unit.coded = 0;
  t.cost = rate_of({mode, 0, isp});
  part_rates_.set(contexts, shape.log2_w, shape.log2_h);
  int previous = 0;
  for (int i = 0; i < shape.parts && t.cost < best_->cost; ++i) {
    int64_t cost = 0;
    const int coded = code_partition(shape, i, t, cost) ? 1 : 0;
    const bool inferred = i + 1 == shape.parts && t.unit.coded == 0;
    if (inferred && coded == 0) {
      t.cost = best_->cost;  // the syntax asks for levels in one partition
      break;
    }
    if (!inferred) cost += bin_rate(contexts[kCtxCbf + 2 + previous], coded);
    t.unit.coded = static_cast<uint8_t>(t.unit.coded | coded << i);
    previous = coded;
    t.cost += cost;
  }
  frame_.clear_done(node_.x, node_.y, width(), height());
  if (t.cost >= best_->cost) return;
  for (int j = 0; j < height(); ++j) {
    std::copy_n(frame_.recon_at(node_.x, node_.y + j), width(), t.samples.data() + j * width());
  }
  std::swap(trial_, best_);
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
  out.distortion = 0;
  const uint16_t *recon = out.recon.data();
  for (int y = 0; y < height(); ++y, recon += width()) {
    const uint16_t *source = frame_.source_at(node_.x, node_.y + y);
    int64_t line = 0;
    for (int x = 0; x < width(); ++x) {
      const int d = source[x] - recon[x];
      line += d * d;
    }
    out.distortion += line;
  }
}

void BlockCoder::code(const TreeNode &node, const ContextSet &contexts, ModeCandidates &known,
                      CodedBlock &out) {
  node_ = node;
  contexts_ = &contexts;
  mpm_ = frame_.probable_modes(node.x, node.y, width(), height());
  const bool isp = effort_.tools.isp && isp_allowed(node.log2_w, node.log2_h, kLog2MaxBlock);
  syntax_ = {effort_.tools.mrl && frame_.may_use_far_lines(node.y), isp};
  rates_.set(contexts, node.log2_w, node.log2_h);
  best_ = trials_.data();
  trial_ = best_ + 1;
  for (Trial &t : trials_) {
    t.unit = CodingUnit();
    t.unit.log2_w = static_cast<uint8_t>(node.log2_w);
    t.unit.log2_h = static_cast<uint8_t>(node.log2_h);
    t.unit.qt_depth = static_cast<uint8_t>(node.qt_depth);
    t.unit.done = true;
  }
  best_->cost = std::numeric_limits<int64_t>::max();

  const bool search = known.count == 0;
  const ModeCandidates modes =
      search ? preselect_modes(frame_, node.x, node.y, node.log2_w, node.log2_h, contexts, syntax_,
                               mpm_, lambda_.root(), effort_.modes)
             : known;
  const int64_t first = modes.best[0].cost;
  for (size_t i = 0; i < modes.count; ++i) {
    if (modes.best[i].cost > first + (first >> effort_.mode_margin_shift)) break;
    ModeCandidate candidate = modes.best[i];
    // A far line needs a most probable mode, and what that is may have changed.
    if (candidate.ref_idx > 0 &&
        (std::find(mpm_.begin() + 1, mpm_.end(), candidate.mode) == mpm_.end())) {
      candidate.ref_idx = 0;
    }
    try_choice(candidate);
  }
  const ModeCandidate chosen{best_->unit.mode, best_->unit.ref_idx};
  if (effort_.tools.transform_skip && may_skip_transform(node.log2_w, node.log2_h)) {
    try_transform_skip();
  }
  if (isp && best_->unit.coded != 0) {
    const size_t count = std::min(effort_.isp_modes, modes.count);
    for (size_t i = 0; i < count; ++i) {
      const uint8_t mode = i == 0 ? chosen.mode : modes.best[i].mode;
      try_partitions(mode, Isp::kHorizontal);
      try_partitions(mode, Isp::kVertical);
    }
  }
  if (search) {
    known.best[0] = chosen;
    known.count = 1;
  }
  reconstruct(out);
}

}  // namespace feat::vvc
