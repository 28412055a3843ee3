// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/block_coder.h"

#include <algorithm>
#include <limits>

#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/forward_transform.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/ts_quant.h"

namespace feat::vvc {
namespace {

// Modes that get a full trial, by log2 of the block size.
constexpr std::array<size_t, kLog2MaxBlock + 1> kTrials = {0, 0, 3, 3, 3, 3, 3};

}  // namespace

BlockCoder::BlockCoder(int qp, int bit_depth)
    : qp_(qp + 6 * (bit_depth - 8)),
      bit_depth_(bit_depth),
      lambda_(qp, bit_depth),
      root_lambda_(lambda_.root()) {
  for (int log2 = 2; log2 <= kLog2MaxBlock; ++log2) {
    steps_[static_cast<size_t>(log2)] = QuantStep::dependent(qp_, bit_depth, log2, log2, lambda_);
  }
  skip_step_ = QuantStep::transform_skip(qp_, lambda_);
}

void BlockCoder::subtract(int size) {
  const auto n = static_cast<size_t>(size) * static_cast<size_t>(size);
  for (size_t i = 0; i < n; ++i) {
    residual_[i] = static_cast<int16_t>(source_[i] - prediction_[i]);
  }
}

int64_t BlockCoder::residual_energy(int size) const {
  int64_t sum = 0;
  for (int y = 0; y < size; ++y) {
    const int16_t *row = residual_.data() + y * size;
    int32_t line = 0;
    for (int x = 0; x < size; ++x) line += row[x] * row[x];
    sum += line;
  }
  return sum;
}

void BlockCoder::try_mode(int mode, int log2_size, int64_t mode_rate, const ContextSet &contexts,
                          int64_t &best_cost, CodedBlock &out) {
  const int size = 1 << log2_size;
  const auto area = static_cast<size_t>(size) * static_cast<size_t>(size);
  predict_intra(reference_, mode, log2_size, log2_size, bit_depth_, prediction_.data(), size);
  subtract(size);
  const int64_t base = lambda_.of_sse(residual_energy(size)) + mode_rate;
  const bool may_skip = log2_size <= kLog2MaxTransformSkip;
  const auto keep = [&](int64_t cost, bool coded, bool transform_skip) {
    if (cost >= best_cost) return;
    best_cost = cost;
    out.unit = {static_cast<uint8_t>(log2_size), static_cast<uint8_t>(mode), coded, transform_skip};
    if (coded) std::copy_n(levels_.data(), area, out.levels.data());
    std::copy_n(prediction_.data(), area, best_prediction_.data());
  };

  keep(base + bin_rate(contexts[kCtxCbf], 0), false, false);
  const int64_t coded_rate = bin_rate(contexts[kCtxCbf], 1);
  const auto flag_rate = [&](int flag) {
    return may_skip ? bin_rate(contexts[kCtxTsFlag], flag) : 0;
  };
  int64_t cost = 0;
  forward_dct2(residual_.data(), log2_size, log2_size, bit_depth_, coefficients_.data());
  if (quantizer_.quantize(coefficients_.data(), log2_size, log2_size,
                          steps_[static_cast<size_t>(log2_size)], rates_, levels_.data(), cost)) {
    keep(base + coded_rate + flag_rate(0) + cost, true, false);
  }
  if (may_skip && quantize_transform_skip(residual_.data(), log2_size, log2_size, skip_step_,
                                          contexts, levels_.data(), cost)) {
    keep(base + coded_rate + flag_rate(1) + cost, true, true);
  }
}

void BlockCoder::reconstruct(const CodingUnit &unit, int log2_size, CodedBlock &out) {
  const int size = 1 << log2_size;
  const auto area = static_cast<size_t>(size) * static_cast<size_t>(size);
  if (!unit.coded) {
    std::copy_n(best_prediction_.data(), area, out.recon.data());
    return;
  }
  std::copy_n(out.levels.data(), area, coefficients_.data());
  int columns = 0;
  int rows = 0;
  if (!unit.transform_skip) {
    for (int y = 0; y < std::min(size, 32); ++y) {
      for (int x = 0; x < std::min(size, 32); ++x) {
        if (coefficients_[static_cast<size_t>(y * size + x)] == 0) continue;
        columns = std::max(columns, x + 1);
        rows = y + 1;
      }
    }
  }
  scale_coefficients(coefficients_.data(), log2_size, log2_size,
                     {qp_, bit_depth_, true, unit.transform_skip});
  if (unit.transform_skip) {
    inverse_transform_skip(coefficients_.data(), log2_size, log2_size, bit_depth_, scaled_.data());
  } else {
    inverse_dct2(coefficients_.data(), log2_size, log2_size, columns, rows, bit_depth_,
                 scaled_.data());
  }
  add_residual(best_prediction_.data(), size, scaled_.data(), size, size, bit_depth_,
               out.recon.data(), size);
}

void BlockCoder::code(const CodedFrame &frame, int x, int y, int log2_size,
                      const ContextSet &contexts, CodedBlock &out) {
  const int size = 1 << log2_size;
  frame.copy_source(x, y, size, source_.data());
  frame.collect(x, y, size, reference_);
  const MpmList mpm = frame.probable_modes(x, y, size);
  const ModeCandidates modes =
      preselect_modes(source_.data(), reference_, log2_size, bit_depth_, contexts, mpm,
                      root_lambda_, kTrials[static_cast<size_t>(log2_size)]);
  rates_.set(contexts, log2_size, log2_size);
  int64_t best = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < modes.count; ++i) {
    try_mode(modes.modes[i], log2_size, intra_mode_rate(contexts, modes.modes[i], mpm), contexts,
             best, out);
  }
  reconstruct(out.unit, log2_size, out);
  int64_t sse = 0;
  for (int i = 0; i < size * size; ++i) {
    const int64_t d = source_[static_cast<size_t>(i)] - out.recon[static_cast<size_t>(i)];
    sse += d * d;
  }
  out.distortion = sse;
}

}  // namespace feat::vvc
