// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Forward transforms of blocks with a side of 1 or 2, as sub-partitions have.
#pragma once

#include <cstdint>

#include "codecs/vvc/common/transform.h"

namespace feat::vvc {

// Residual and coefficients in rows of 2^log2_w, at least 16 of them. `kernel` is that of the long
// side: the DCT-II, or the DST-VII of up to 16 points; the short side has the DCT-II. Of 64
// coefficients of a side the first 32 are computed.
void forward_narrow(const int16_t *residual, int log2_w, int log2_h, Kernel kernel, int bit_depth,
                    int32_t *coeff);

namespace scalar {

void forward_narrow(const int16_t *residual, int log2_w, int log2_h, Kernel kernel, int bit_depth,
                    int32_t *coeff);

}  // namespace scalar
}  // namespace feat::vvc
