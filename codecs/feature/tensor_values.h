// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Elements of all formats to numbers and back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/feature_codec.h"

namespace feat::native {

// The number of elements of a shape; false if it is above 2^62.
bool count_points(std::span<const uint32_t> shape, uint64_t &points);

// NaN and infinity are refused (kNonFinite, with the first one's index and their number), or with
// `clamp` NaN becomes 0 and infinity the largest finite value of its sign.
Status to_floats(Format format, std::span<const uint8_t> data, bool clamp,
                 std::vector<float> &values);

// Rounds to the nearest value of the format, halves to even, and saturates.
void from_floats(Format format, std::span<const float> values, std::span<uint8_t> data);

}  // namespace feat::native
