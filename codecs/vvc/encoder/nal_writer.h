// SPDX-License-Identifier: LGPL-2.1-or-later
//
// NAL units in the byte stream format (clause 7.3.1 and annex B).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/vvc/common/params.h"

namespace feat::vvc {

// Appends start code, NAL unit header and `rbsp` with emulation prevention. The start code has
// its fourth byte where annex B asks for it: parameter sets and the first unit of a picture.
void write_nal(NalType type, std::span<const uint8_t> rbsp, bool first_in_unit,
               std::vector<uint8_t> &out);

}  // namespace feat::vvc
