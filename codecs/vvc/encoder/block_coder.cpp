// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_coder.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/forward_transform.h"
#include "codecs/vvc/encoder/ts_quant.h"

namespace feat::vvc {
namespace {

constexpr size_t kTrials = 3;    // modes that get a full trial
constexpr int kTrialMargin = 5;  // and no more than 1/32 above the best in Hadamard cost

}  // namespace

BlockCoder::BlockCoder(int qp, int bit_depth)
    : qp_(qp + 6 * (bit_depth - 8)), bit_depth_(bit_depth), lambda_(qp, bit_depth) {
  for (int w = 2; w <= kLog2MaxBlock; ++w) {
    for (int h = 2; h <= kLog2MaxBlock; ++h) {
      steps_[static_cast<size_t>(w)][static_cast<size_t>(h)] =
          QuantStep::dependent(qp_, bit_depth, w, h, lambda_);
    }
  }
  skip_step_ = QuantStep::transform_skip(qp_, lambda_);
}

void BlockCoder::subtract(const uint16_t *prediction) {
  for (size_t i = 0; i < area(); ++i) {
    residual_[i] = static_cast<int16_t>(source_[i] - prediction[i]);
  }
}

int64_t BlockCoder::residual_energy() const {
  int64_t sum = 0;
  for (int y = 0; y < height(); ++y) {
    const int16_t *row = residual_.data() + y * width();
    int32_t line = 0;
    for (int x = 0; x < width(); ++x) line += row[x] * row[x];
    sum += line;
  }
  return sum;
}

void BlockCoder::keep(int64_t cost, int mode, bool coded, bool transform_skip, CodedBlock &out) {
  if (cost >= best_cost_) return;
  best_cost_ = cost;
  out.unit.mode = static_cast<uint8_t>(mode);
  out.unit.coded = coded;
  out.unit.transform_skip = transform_skip;
  if (coded) std::copy_n(levels_.data(), area(), out.levels.data());
  if (!transform_skip) std::copy_n(prediction_.data(), area(), best_prediction_.data());
}

void BlockCoder::try_mode(int mode, int64_t mode_rate, const ContextSet &contexts,
                          CodedBlock &out) {
  predict_intra(reference_, mode, log2_w_, log2_h_, bit_depth_, prediction_.data(), width());
  subtract(prediction_.data());
  const int64_t base = lambda_.of_sse(residual_energy()) + mode_rate;
  keep(base + bin_rate(contexts[kCtxCbf], 0), mode, false, false, out);
  forward_dct2(residual_.data(), log2_w_, log2_h_, bit_depth_, coefficients_.data());
  const QuantStep &step = steps_[static_cast<size_t>(log2_w_)][static_cast<size_t>(log2_h_)];
  int64_t cost = 0;
  if (quantizer_.quantize(coefficients_.data(), log2_w_, log2_h_, step, rates_, levels_.data(),
                          cost)) {
    const int64_t flag =
        may_skip_transform(log2_w_, log2_h_) ? bin_rate(contexts[kCtxTsFlag], 0) : 0;
    keep(base + bin_rate(contexts[kCtxCbf], 1) + flag + cost, mode, true, false, out);
  }
}

void BlockCoder::try_transform_skip(int64_t mode_rate, const ContextSet &contexts,
                                    CodedBlock &out) {
  subtract(best_prediction_.data());
  int64_t cost = 0;
  if (!quantize_transform_skip(residual_.data(), log2_w_, log2_h_, skip_step_, contexts,
                               levels_.data(), cost)) {
    return;
  }
  keep(lambda_.of_sse(residual_energy()) + mode_rate + bin_rate(contexts[kCtxCbf], 1) +
           bin_rate(contexts[kCtxTsFlag], 1) + cost,
       out.unit.mode, true, true, out);
}

bool BlockCoder::varies_along_rows() const {
  int64_t along = 0;
  int64_t down = 0;
  for (int y = 0; y + 1 < height(); ++y) {
    const uint16_t *row = source_.data() + y * width();
    for (int x = 0; x + 1 < width(); ++x) {
      along += std::abs(row[x + 1] - row[x]);
      down += std::abs(row[x + width()] - row[x]);
    }
  }
  return along > down;
}

void BlockCoder::reconstruct(CodedBlock &out) {
  const CodingUnit &unit = out.unit;
  if (!unit.coded) {
    std::copy_n(best_prediction_.data(), area(), out.recon.data());
    return;
  }
  std::copy_n(out.levels.data(), area(), coefficients_.data());
  int columns = 0;
  int rows = 0;
  if (!unit.transform_skip) {
    for (int y = 0; y < std::min(height(), 32); ++y) {
      for (int x = 0; x < std::min(width(), 32); ++x) {
        if (coefficients_[static_cast<size_t>(y * width() + x)] == 0) continue;
        columns = std::max(columns, x + 1);
        rows = y + 1;
      }
    }
  }
  scale_coefficients(coefficients_.data(), log2_w_, log2_h_,
                     {qp_, bit_depth_, true, unit.transform_skip});
  if (unit.transform_skip) {
    inverse_transform_skip(coefficients_.data(), log2_w_, log2_h_, bit_depth_,
                           decoded_residual_.data());
  } else {
    inverse_dct2(coefficients_.data(), log2_w_, log2_h_, columns, rows, bit_depth_,
                 decoded_residual_.data());
  }
  add_residual(best_prediction_.data(), width(), decoded_residual_.data(), width(), height(),
               bit_depth_, out.recon.data(), width());
}

void BlockCoder::code(const CodedFrame &frame, const TreeNode &node, const ContextSet &contexts,
                      ModeCandidates &known, CodedBlock &out) {
  log2_w_ = node.log2_w;
  log2_h_ = node.log2_h;
  out.unit = {static_cast<uint8_t>(log2_w_), static_cast<uint8_t>(log2_h_),
              static_cast<uint8_t>(node.qt_depth)};
  out.unit.done = true;
  frame.copy_source(node.x, node.y, width(), height(), source_.data());
  frame.collect(node.x, node.y, width(), height(), reference_);
  const MpmList mpm = frame.probable_modes(node.x, node.y, width(), height());
  const ModeCandidates modes =
      known.count == 0 ? preselect_modes(source_.data(), reference_, log2_w_, log2_h_, bit_depth_,
                                         contexts, mpm, lambda_.root(), kTrials)
                       : known;
  rates_.set(contexts, log2_w_, log2_h_);
  best_cost_ = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < modes.count; ++i) {
    if (modes.costs[i] > modes.costs[0] + (modes.costs[0] >> kTrialMargin)) break;
    try_mode(modes.modes[i], intra_mode_rate(contexts, modes.modes[i], mpm), contexts, out);
  }
  if (may_skip_transform(log2_w_, log2_h_)) {
    try_transform_skip(intra_mode_rate(contexts, out.unit.mode, mpm), contexts, out);
  }
  if (known.count == 0) {
    known.modes[0] = out.unit.mode;
    known.count = 1;
  }
  reconstruct(out);
  int64_t sse = 0;
  for (size_t i = 0; i < area(); ++i) {
    const int64_t d = source_[i] - out.recon[i];
    sse += d * d;
  }
  out.distortion = sse;
}

}  // namespace feat::vvc
