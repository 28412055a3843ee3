// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Forward low-frequency non-separable transform, the counterpart of inverse_lfnst().
#pragma once

#include <cstdint>

namespace feat::vvc {

// Transforms the DCT-II coefficients of a block (stride 2^log2_w) in place: those of the first 4x4
// or, if both sides are at least 8, of three 4x4 of the first 8x8 become 16 in the first 4x4, 8 of
// a block of 4x4 or 8x8. All others that may be coded become 0. `idx` is lfnst_idx, 1 or 2;
// `wide_mode` the intra mode mapped to wide angles. Coefficients have 16 bits.
void forward_lfnst(int32_t *coeff, int log2_w, int log2_h, int wide_mode, int idx);

}  // namespace feat::vvc
