// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A quick guess of what the trellis would make of a block, for comparing alternatives: each
// coefficient costs by its size and its neighbours'.
#pragma once

#include <cstdint>

#include "codecs/vvc/encoder/quant_step.h"

namespace feat::vvc {

// Rate plus change of distortion against no levels, never more than 0; in the units of
// DepQuantizer::quantize(). Coefficients, of 16 bits and at least 16 of them, in rows of
// 2^log2_w; those beyond 32 are not looked at.
int64_t guess_level_cost(const int32_t *coefficients, int log2_w, int log2_h,
                         const QuantStep &step);

// The nearest levels, with a dead zone, already scaled back to coefficients. The result bounds
// the columns and rows that are not zero.
struct CoefficientArea {
  int columns = 0;
  int rows = 0;
};
CoefficientArea requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step);

namespace scalar {

int64_t guess_level_cost(const int32_t *coefficients, int log2_w, int log2_h,
                         const QuantStep &step);
CoefficientArea requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step);

}  // namespace scalar
}  // namespace feat::vvc
