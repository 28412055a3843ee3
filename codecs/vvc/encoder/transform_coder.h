// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes the residual of one transform block: DCT-II, dependent quantisation, reconstruction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/dep_quant.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {

inline constexpr int kMaxBlockArea = 1 << (2 * kLog2MaxBlock);

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
  TransformCoder(int qp, int bit_depth, const Lambda &lambda);

  // False: best without levels. Otherwise `cost` is the rate of the levels plus the change of
  // distortion against none.
  bool quantize(const Residual &residual, const TrellisRates &rates, int32_t *levels,
                int64_t &cost);
  // Transform skip.
  bool quantize_skip(const Residual &residual, const ContextSet &contexts, int32_t *levels,
                     int64_t &cost) const;
  // Adds the residual that `levels` stand for to the prediction. Both in rows of the block.
  void reconstruct(const int32_t *levels, int log2_w, int log2_h, bool transform_skip,
                   const uint16_t *prediction, uint16_t *recon, ptrdiff_t recon_stride);

 private:
  int qp_;
  int bit_depth_;
  std::array<std::array<QuantStep, kLog2MaxBlock + 1>, kLog2MaxBlock + 1> steps_{};
  QuantStep skip_step_{};
  DepQuantizer quantizer_;
  std::array<int32_t, kMaxBlockArea> coefficients_;
  std::array<int32_t, kMaxBlockArea> decoded_;
};

}  // namespace feat::vvc
