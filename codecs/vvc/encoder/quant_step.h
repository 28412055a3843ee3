// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Step sizes of one transform block, as the decoder scales levels (clause 8.7.3).
#pragma once

#include <cstdint>

#include "codecs/vvc/encoder/lambda.h"

namespace feat::vvc {

struct QuantStep {
  int64_t scale;  // a level index times this, rounded and shifted, is a coefficient
  int shift;
  int64_t inverse;   // 2^kInverseBits over the step
  int64_t dist_mul;  // squared coefficient error to cost
  int dist_shift;

  static constexpr int kInverseBits = 20;

  int64_t reconstruct(int64_t index) const {
    return (index * scale + (int64_t{1} << (shift - 1))) >> shift;
  }
  // Coefficients below this, 7/8 of what the first quantiser's level 1 stands for, take no level of
  // 2: the second quantiser's would bring them less than the rate it takes.
  int64_t least_for_two() const { return reconstruct(7) / 4; }
  int64_t cost(int64_t error) const { return (error * error * dist_mul) >> dist_shift; }

  // `qp` includes the bit depth's offset. In units of half a step with dependent quantisation.
  static QuantStep dependent(int qp, int bit_depth, int log2_w, int log2_h, const Lambda &lambda);
  // Coefficients of a transform-skipped block are residual samples.
  static QuantStep transform_skip(int qp, const Lambda &lambda);
};

}  // namespace feat::vvc
