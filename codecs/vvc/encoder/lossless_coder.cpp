// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/lossless_coder.h"

#include <algorithm>
#include <limits>

#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {
namespace {

// More would save less than 1 % and take three times as long.
constexpr int kMultiTypeDepth = 1;
constexpr int64_t kForbidden = int64_t{1} << 36;
// Absolute differences that are worth a bit, in 1/256.
constexpr int64_t kDifferencesPerBit = 8 * 256;

}  // namespace

Effort lossless_effort(const Effort &effort) {
  Effort e;
  e.lossless = true;
  e.loop_filter = false;
  e.tools = {.transform_skip = true, .mrl = true, .bdpcm = true};
  e.tools.plain_residuals = true;  // what features leave is too large for the other coding
  e.block.modes = effort.block.modes;
  e.block.modes.absolute = true;
  e.guess_tree = false;
  e.all_splits = effort.all_splits;
  e.multi_type_depth = kMultiTypeDepth;
  return e;
}

void LosslessCoder::try_choice(const IntraChoice &choice, bool bdpcm, CodedBlock &out) {
  const int log2_w = node_.log2_w;
  const int log2_h = node_.log2_h;
  const ptrdiff_t width = ptrdiff_t{1} << log2_w;
  const size_t area = size_t{1} << (log2_w + log2_h);
  const bool down = choice.mode == kVertical;
  frame_.collect(node_.x, node_.y, 1 << log2_w, 1 << log2_h, choice.ref_idx, reference_);
  if (bdpcm) {
    predict_bdpcm(reference_, down, log2_w, log2_h, prediction_.data(), width);
  } else {
    predict_intra(reference_, choice.mode, log2_w, log2_h, frame_.bit_depth, prediction_.data(),
                  width, choice.ref_idx);
  }
  subtract(frame_.source_at(node_.x, node_.y), frame_.stride(), prediction_.data(), width, log2_w,
           log2_h, residual_.data());

  CodingUnit unit = unit_of(node_);
  unit.mode = choice.mode;
  unit.ref_idx = choice.ref_idx;
  unit.bdpcm = bdpcm;
  const bool exact =
      std::all_of(residual_.begin(), residual_.begin() + static_cast<ptrdiff_t>(area),
                  [](int16_t r) { return r == 0; });
  int64_t distortion = 0;
  if (!exact && may_skip_transform(log2_w, log2_h)) {
    unit.coded = 1;
    unit.transform_skip = true;
    const size_t back = down ? size_t{1} << log2_w : 1;
    const size_t first_mask = down ? ~size_t{0} : (size_t{1} << log2_w) - 1;
    for (size_t i = 0; i < area; ++i) {
      levels_[i] = residual_[i];
      if (bdpcm && (i & first_mask) >= back) levels_[i] -= residual_[i - back];
    }
  } else if (!exact) {
    distortion = kForbidden;
  }
  RateCounter counter{*contexts_};
  write_coding_unit(counter, unit, effort_.tools, syntax_.ref_idx, mpm_, levels_.data());
  if (counter.rate >= best_rate_) return;
  best_rate_ = counter.rate;
  out.unit = unit;
  out.distortion = distortion;
  if (unit.coded != 0) std::copy_n(levels_.data(), area, out.levels.data());
}

void LosslessCoder::search(KnownChoice &known, CodedBlock &out) {
  const ModeCandidates modes =
      preselect_modes(frame_, node_.x, node_.y, node_.log2_w, node_.log2_h, *contexts_, syntax_,
                      mpm_, kDifferencesPerBit, effort_.block.modes);
  for (size_t i = 0; i < modes.count; ++i) {
    try_choice({modes.best[i].mode, modes.best[i].ref_idx}, false, out);
  }
  if (may_skip_transform(node_.log2_w, node_.log2_h)) {
    try_choice({kHorizontal}, true, out);
    try_choice({kVertical}, true, out);
  }
  known.known = true;
  known.plain = {out.unit.mode, out.unit.ref_idx};
  known.bdpcm = out.unit.bdpcm;
}

void LosslessCoder::code(const TreeNode &node, const ContextSet &contexts, KnownChoice &known,
                         CodedBlock &out) {
  node_ = node;
  contexts_ = &contexts;
  mpm_ = frame_.probable_modes(node.x, node.y, 1 << node.log2_w, 1 << node.log2_h);
  syntax_ = {effort_.tools.mrl && frame_.may_use_far_lines(node.y), false};
  best_rate_ = std::numeric_limits<int64_t>::max();
  // What the most probable modes are may have changed since the choice was made.
  if (known.known && line_permitted(known.plain, mpm_)) {
    try_choice(known.plain, known.bdpcm, out);
  } else {
    search(known, out);
  }
  // What is not forbidden is exact.
  for (int y = 0; y < 1 << node.log2_h; ++y) {
    std::copy_n(frame_.source_at(node.x, node.y + y), size_t{1} << node.log2_w,
                out.recon.data() + (y << node.log2_w));
  }
}

}  // namespace feat::vvc
