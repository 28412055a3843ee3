// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/transform_coder.h"

#include <algorithm>

#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/forward_transform.h"
#include "codecs/vvc/encoder/narrow_transform.h"
#include "codecs/vvc/encoder/ts_quant.h"

namespace feat::vvc {
namespace {

// What bounds the levels that are not 0, none of which lies beyond 32.
CoefficientArea occupied(const int32_t *levels, int log2_w, int log2_h) {
  const int width = std::min(1 << log2_w, 32);
  CoefficientArea area;
  std::array<int32_t, 32> columns{};
  for (int y = 0; y < std::min(1 << log2_h, 32); ++y) {
    const int32_t *row = levels + (y << log2_w);
    int32_t any = 0;
    for (int x = 0; x < width; ++x) {
      columns[static_cast<size_t>(x)] |= row[x];
      any |= row[x];
    }
    if (any != 0) area.rows = y + 1;
  }
  area.columns = width;
  while (area.columns > 0 && columns[static_cast<size_t>(area.columns - 1)] == 0) --area.columns;
  return area;
}

}  // namespace

void Residual::set(const uint16_t *source, ptrdiff_t stride, const uint16_t *prediction,
                   int log2_width, int log2_height) {
  log2_w = log2_width;
  log2_h = log2_height;
  subtract(source, stride, prediction, ptrdiff_t{1} << log2_w, log2_w, log2_h, samples.data());
  energy = sum_of_squares(samples.data(), log2_w, log2_h);
}

TransformCoder::TransformCoder(int qp, int bit_depth, bool implicit_mts, PathStart start,
                               const Lambda &lambda)
    : qp_(qp), bit_depth_(bit_depth), implicit_mts_(implicit_mts), quantizer_(start) {
  for (int w = 0; w <= kLog2MaxBlock; ++w) {
    for (int h = std::max(0, 4 - w); h <= kLog2MaxBlock; ++h) {
      steps_[static_cast<size_t>(w)][static_cast<size_t>(h)] =
          QuantStep::dependent(qp_, bit_depth, w, h, lambda);
    }
  }
  skip_step_ = QuantStep::transform_skip(qp_, lambda);
}

void TransformCoder::transform(const Residual &residual, int32_t *coefficients) const {
  const int log2_w = residual.log2_w;
  const int log2_h = residual.log2_h;
  const int16_t *samples = residual.samples.data();
  if (log2_w < 2 || log2_h < 2) {
    forward_narrow(samples, log2_w, log2_h, kernel(std::max(log2_w, log2_h)), bit_depth_,
                   coefficients);
  } else {
    forward_transform(samples, log2_w, log2_h, kernel(log2_w), kernel(log2_h), bit_depth_,
                      coefficients);
  }
}

void TransformCoder::inverse(const int32_t *coefficients, int log2_w, int log2_h,
                             const CoefficientArea &area) {
  inverse_transform(coefficients, log2_w, log2_h, area.columns, area.rows, kernel(log2_w),
                    kernel(log2_h), bit_depth_, decoded_.data());
}

void TransformCoder::reconstruct_roughly(int32_t *coefficients, int log2_w, int log2_h,
                                         const uint16_t *prediction, uint16_t *recon,
                                         ptrdiff_t recon_stride) {
  const CoefficientArea area = requantize(coefficients, log2_w, log2_h, step(log2_w, log2_h));
  if (area.rows == 0) {
    copy_block(prediction, log2_w, log2_h, recon, recon_stride);
    return;
  }
  inverse(coefficients, log2_w, log2_h, area);
  add_residual(prediction, 1 << log2_w, decoded_.data(), 1 << log2_w, 1 << log2_h, bit_depth_,
               recon, recon_stride);
}

bool TransformCoder::quantize_skip(const Residual &residual, const ContextSet &contexts,
                                   int32_t *levels, int64_t &cost) const {
  return quantize_transform_skip(residual.samples.data(), residual.log2_w, residual.log2_h,
                                 skip_step_, contexts, levels, cost);
}

int64_t TransformCoder::guess_skip(const Residual &residual) const {
  // The samples take the place of coefficients; their step is a whole one.
  QuantStep half = skip_step_;
  half.inverse *= 2;
  std::array<int32_t, kMaxBlockArea> samples;
  const size_t area = size_t{1} << (residual.log2_w + residual.log2_h);
  std::copy_n(residual.samples.data(), area, samples.data());
  return guess_level_cost(samples.data(), residual.log2_w, residual.log2_h, half);
}

void TransformCoder::reconstruct(const int32_t *levels, int log2_w, int log2_h, bool transform_skip,
                                 const uint16_t *prediction, uint16_t *recon,
                                 ptrdiff_t recon_stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  std::copy_n(levels, width * height, coefficients_.data());
  scale_coefficients(coefficients_.data(), log2_w, log2_h, {qp_, bit_depth_, true, transform_skip});
  if (transform_skip) {
    inverse_transform_skip(coefficients_.data(), log2_w, log2_h, bit_depth_, decoded_.data());
  } else {
    inverse(coefficients_.data(), log2_w, log2_h, occupied(levels, log2_w, log2_h));
  }
  add_residual(prediction, width, decoded_.data(), width, height, bit_depth_, recon, recon_stride);
}

}  // namespace feat::vvc
