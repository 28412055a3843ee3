// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes the residual of one transform block: DCT-II, dependent quantisation, reconstruction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/encoder/coded_block.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/level_cost.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/trellis.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {

// A residual block, and its energy.
struct Residual {
  int log2_w = 0;
  int log2_h = 0;
  int64_t energy = 0;
  std::array<int16_t, kMaxBlockArea> samples;

  // source - prediction; the prediction in rows of the block's width.
  void set(const uint16_t *source, ptrdiff_t stride, const uint16_t *prediction, int log2_width,
           int log2_height);
};

class TransformCoder {
 public:
  // `qp` with the bit depth's offset.
  TransformCoder(int qp, int bit_depth, bool implicit_mts, PathStart start, const Lambda &lambda);

  // Transforms the residual; what follows works on the result.
  void transform(const Residual &residual, int32_t *coefficients) const;
  // A guess of quantize()'s cost.
  int64_t guess(const int32_t *coefficients, int log2_w, int log2_h) const {
    return guess_level_cost(coefficients, log2_w, log2_h, step(log2_w, log2_h));
  }
  // Reconstructs roughly what the levels of these coefficients would; they are overwritten.
  void reconstruct_roughly(int32_t *coefficients, int log2_w, int log2_h,
                           const uint16_t *prediction, uint16_t *recon, ptrdiff_t recon_stride);
  // False: best without levels. Otherwise `cost` is the rate of the levels plus the change of
  // distortion against none; `levels` are set if it is less than `limit`.
  bool quantize(const int32_t *coefficients, int log2_w, int log2_h, const TrellisRates &rates,
                int64_t limit, int32_t *levels, int64_t &cost) {
    return quantizer_.quantize(coefficients, log2_w, log2_h, step(log2_w, log2_h), rates, limit,
                               levels, cost);
  }
  // Transform skip.
  bool quantize_skip(const Residual &residual, const ContextSet &contexts, int32_t *levels,
                     int64_t &cost) const;
  // A guess of quantize_skip()'s cost.
  int64_t guess_skip(const Residual &residual) const;
  // Adds the residual that `levels` stand for to the prediction. Both in rows of the block.
  void reconstruct(const int32_t *levels, int log2_w, int log2_h, bool transform_skip,
                   const uint16_t *prediction, uint16_t *recon, ptrdiff_t recon_stride);

 private:
  const QuantStep &step(int log2_w, int log2_h) const {
    return steps_[static_cast<size_t>(log2_w)][static_cast<size_t>(log2_h)];
  }

  Kernel kernel(int log2_side) const {
    return implicit_mts_ ? implicit_kernel(log2_side) : Kernel::kDct2;
  }
  // Replaces coefficients that lie in `area` by the residual.
  void inverse(const int32_t *coefficients, int log2_w, int log2_h, const CoefficientArea &area);

  int qp_;
  int bit_depth_;
  bool implicit_mts_;
  std::array<std::array<QuantStep, kLog2MaxBlock + 1>, kLog2MaxBlock + 1> steps_{};
  QuantStep skip_step_{};
  DepQuantizer quantizer_;
  std::array<int32_t, kMaxBlockArea> coefficients_;
  std::array<int32_t, kMaxBlockArea> decoded_;
};

}  // namespace feat::vvc
