// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The loops over samples of intra prediction; intra_pred.cpp says which are wanted.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/intra_tables.h"

namespace feat::vvc {

// Smooths in[1] to in[length - 1] with [1 2 1]; reads in[0] to in[length + 1]. `length` is a
// multiple of 8; out[length] may be overwritten.
void smooth_line(const uint16_t *in, int length, uint16_t *out);

// With `combine`, position-dependent combination (PDPC) with the references follows.
void predict_planar(const IntraReference &ref, int log2_w, int log2_h, bool combine, uint16_t *pred,
                    ptrdiff_t stride);
void predict_constant(const IntraReference &ref, int value, int log2_w, int log2_h, bool combine,
                      uint16_t *pred, ptrdiff_t stride);

// Prediction along a direction, described as if from above: `main` points at the sample before the
// first one above the block and reaches as far in both directions as the angle asks for, `side`
// points at the corner.
struct Direction {
  static constexpr int kMaxBlock = 64;
  static constexpr int kLineMargin = 3 * kMaxBlock;

  const uint16_t *main;
  const uint16_t *side;
  int angle;       // displacement per row in 1/32 sample
  int inverse;     // 512 * 32 / angle
  bool smooth;     // Gaussian instead of cubic interpolation
  int pdpc_scale;  // negative: no PDPC
  int max_value;
  int ref_idx;

  // The four taps at a position in 1/32 sample.
  const int16_t *taps(int position) const {
    const auto fraction = static_cast<size_t>(position & 31);
    return smooth ? kGaussianFilter[fraction].data() : kCubicFilter[fraction];
  }
};

// `along` and `across` the direction, sides of 2^log2; the block is transposed if `turned`.
void predict_direction(const Direction &direction, int log2_along, int log2_across, bool turned,
                       uint16_t *pred, ptrdiff_t stride);

namespace scalar {

void smooth_line(const uint16_t *in, int length, uint16_t *out);
void predict_planar(const IntraReference &ref, int log2_w, int log2_h, bool combine, uint16_t *pred,
                    ptrdiff_t stride);
void predict_constant(const IntraReference &ref, int value, int log2_w, int log2_h, bool combine,
                      uint16_t *pred, ptrdiff_t stride);
void predict_direction(const Direction &direction, int log2_along, int log2_across, bool turned,
                       uint16_t *pred, ptrdiff_t stride);

}  // namespace scalar
}  // namespace feat::vvc
