// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Inverse low-frequency non-separable transform (LFNST, clause 8.7.4.1).
#pragma once

#include <cstdint>

namespace feat::vvc {

extern const int8_t kLfnst8[4][2][16][48];
extern const int8_t kLfnst4[4][2][16][16];

// The set of transforms for a mode, 0 to 3, and the matrix for a block: rows of 48 entries if both
// sides are at least 8, else of 16, one for each coefficient that is coded.
int lfnst_set(int wide_mode);
const int8_t *lfnst_matrix(int log2_w, int log2_h, int wide_mode, int idx);

// Transforms the scaled coefficients of a block (stride 2^log2_w) in place; afterwards those of the
// first 4x4 or, if both sides are at least 8, three 4x4 of the first 8x8 may be non-zero. `idx` is
// lfnst_idx, 1 or 2; `wide_mode` the intra mode mapped to wide angles.
void inverse_lfnst(int32_t *coeff, int log2_w, int log2_h, int wide_mode, int idx);

}  // namespace feat::vvc
