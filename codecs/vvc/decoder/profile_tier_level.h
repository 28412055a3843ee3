// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codecs/vvc/decoder/bit_reader.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// profile_tier_level( 1, max_sublayers_minus1 ), clause 7.3.3.1.
ProfileTierLevel parse_profile_tier_level(BitReader &r, int max_sublayers_minus1);

// general_timing_hrd_parameters() and ols_timing_hrd_parameters(), clause 7.3.5, skipped.
void skip_timing_hrd(BitReader &r, int max_sublayers_minus1);

}  // namespace feat::vvc
