// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Samples as they lie in VTM's files: one byte for 8 bits, else two, little endian.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat {

uint64_t raw_size(int width, int height, int bit_depth);
std::vector<uint8_t> write_raw(const vvc::Plane<const uint16_t> &picture, int bit_depth);
void read_raw(std::span<const uint8_t> bytes, int bit_depth, std::vector<uint16_t> &samples);

}  // namespace feat
