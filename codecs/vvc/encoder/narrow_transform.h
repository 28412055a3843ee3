// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Forward DCT-II of blocks with a side of 1 or 2, as sub-partitions have.
#pragma once

#include <cstdint>

namespace feat::vvc {

// Residual and coefficients in rows of 2^log2_w, at least 16 of them; of 64 coefficients of a side
// the first 32 are computed.
void forward_dct2_narrow(const int16_t *residual, int log2_w, int log2_h, int bit_depth,
                         int32_t *coeff);

namespace scalar {

void forward_dct2_narrow(const int16_t *residual, int log2_w, int log2_h, int bit_depth,
                         int32_t *coeff);

}  // namespace scalar
}  // namespace feat::vvc
