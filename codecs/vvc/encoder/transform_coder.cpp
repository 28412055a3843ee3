// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/transform_coder.h"

#include <algorithm>

#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/encoder/forward_transform.h"
#include "codecs/vvc/encoder/narrow_transform.h"
#include "codecs/vvc/encoder/ts_quant.h"

namespace feat::vvc {

void Residual::set(const uint16_t *source, ptrdiff_t stride, const uint16_t *prediction,
                   int log2_width, int log2_height) {
  log2_w = log2_width;
  log2_h = log2_height;
  const int width = 1 << log2_w;
  energy = 0;
  for (int y = 0; y < 1 << log2_h; ++y) {
    int16_t *row = samples.data() + y * width;
    int32_t line = 0;
    for (int x = 0; x < width; ++x) {
      const int d = source[x] - prediction[x];
      row[x] = static_cast<int16_t>(d);
      line += d * d;
    }
    energy += line;
    source += stride;
    prediction += width;
  }
}

TransformCoder::TransformCoder(int qp, int bit_depth, const Lambda &lambda)
    : qp_(qp), bit_depth_(bit_depth) {
  for (int w = 0; w <= kLog2MaxBlock; ++w) {
    for (int h = std::max(0, 4 - w); h <= kLog2MaxBlock; ++h) {
      steps_[static_cast<size_t>(w)][static_cast<size_t>(h)] =
          QuantStep::dependent(qp_, bit_depth, w, h, lambda);
    }
  }
  skip_step_ = QuantStep::transform_skip(qp_, lambda);
}

bool TransformCoder::quantize(const Residual &residual, const TrellisRates &rates, int32_t *levels,
                              int64_t &cost) {
  const int log2_w = residual.log2_w;
  const int log2_h = residual.log2_h;
  if (log2_w < 2 || log2_h < 2) {
    forward_dct2_narrow(residual.samples.data(), log2_w, log2_h, bit_depth_, coefficients_.data());
  } else {
    forward_dct2(residual.samples.data(), log2_w, log2_h, bit_depth_, coefficients_.data());
  }
  const QuantStep &step = steps_[static_cast<size_t>(log2_w)][static_cast<size_t>(log2_h)];
  return quantizer_.quantize(coefficients_.data(), log2_w, log2_h, step, rates, levels, cost);
}

bool TransformCoder::quantize_skip(const Residual &residual, const ContextSet &contexts,
                                   int32_t *levels, int64_t &cost) const {
  return quantize_transform_skip(residual.samples.data(), residual.log2_w, residual.log2_h,
                                 skip_step_, contexts, levels, cost);
}

void TransformCoder::reconstruct(const int32_t *levels, int log2_w, int log2_h, bool transform_skip,
                                 const uint16_t *prediction, uint16_t *recon,
                                 ptrdiff_t recon_stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  std::copy_n(levels, width * height, coefficients_.data());
  int columns = 0;
  int rows = 0;
  if (!transform_skip) {
    for (int y = 0; y < std::min(height, 32); ++y) {
      for (int x = 0; x < std::min(width, 32); ++x) {
        if (coefficients_[static_cast<size_t>(y * width + x)] == 0) continue;
        columns = std::max(columns, x + 1);
        rows = y + 1;
      }
    }
  }
  scale_coefficients(coefficients_.data(), log2_w, log2_h, {qp_, bit_depth_, true, transform_skip});
  if (transform_skip) {
    inverse_transform_skip(coefficients_.data(), log2_w, log2_h, bit_depth_, decoded_.data());
  } else {
    inverse_dct2(coefficients_.data(), log2_w, log2_h, columns, rows, bit_depth_, decoded_.data());
  }
  add_residual(prediction, width, decoded_.data(), width, height, bit_depth_, recon, recon_stride);
}

}  // namespace feat::vvc
