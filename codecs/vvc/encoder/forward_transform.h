// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Forward transforms, the counterparts of the inverse ones in common/transform.h.
#pragma once

#include <cstdint>

#include "codecs/vvc/common/transform.h"

namespace feat::vvc {

// `residual` in rows of 2^log2_w, sides 4 to 64 (4 to 32 of the DST-VII and DCT-VIII), within the
// bit depth and a sign. Writes the coefficients that may be coded, at most 32 of a side with the
// DCT-II and 16 with the others, to `coeff`, in rows of 2^log2_w; the others are not touched.
void forward_transform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                       Kernel vertical, int bit_depth, int32_t *coeff);

namespace scalar {

void forward_transform(const int16_t *residual, int log2_w, int log2_h, Kernel horizontal,
                       Kernel vertical, int bit_depth, int32_t *coeff);

}  // namespace scalar
}  // namespace feat::vvc
