// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adaptive loop filter for luma: its APS (clause 7.3.2.18) and filters by class. The filter itself
// is alf_picture() of loop_filter.h.
#pragma once

#include <cstdint>

#include "codecs/vvc/common/alf_filter.h"
#include "codecs/vvc/decoder/bit_reader.h"

namespace feat::vvc {

inline constexpr int kAlfFixedSets = 16;

extern const int8_t kAlfFixedFilter[64][12];
extern const uint8_t kAlfFixedSet[16][25];

AlfFilters parse_alf(BitReader &r, bool chroma_present);

AlfFilters fixed_alf_filters(int set);

}  // namespace feat::vvc
