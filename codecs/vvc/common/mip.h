// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Matrix-based intra prediction (MIP, clause 8.4.5.2.2).
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/intra_pred.h"

namespace feat::vvc {

extern const uint8_t kMipMatrix4[16 * 16 * 4];
extern const uint8_t kMipMatrix8[8 * 16 * 8];
extern const uint8_t kMipMatrix16[6 * 64 * 7];

// How many modes a block of this size has: 16, 8 or 6.
int mip_modes(int log2_w, int log2_h);

void predict_mip(const IntraReference &ref, int mode, bool transposed, int log2_w, int log2_h,
                 int bit_depth, uint16_t *pred, ptrdiff_t stride);

}  // namespace feat::vvc
