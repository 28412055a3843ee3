// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Forward DCT-II, the counterpart of inverse_dct2().
#pragma once

#include <cstdint>

namespace feat::vvc {

// `residual` in rows of 2^log2_w, sides 4 to 64. Writes the coefficients that may be coded (at
// most 32 x 32) to `coeff`, in rows of 2^log2_w; the others are not touched.
void forward_dct2(const int16_t *residual, int log2_w, int log2_h, int bit_depth, int32_t *coeff);

}  // namespace feat::vvc
