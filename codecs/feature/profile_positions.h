// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The means of a profile's positions as quantised, entropy-coded numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace feat::native {

struct CodedPositions {
  float step = 0;  // in deviations of the component
  std::vector<uint8_t> code;
};

// `means` holds rows of one value for each of the `deviations`.
CodedPositions encode_positions(std::span<const float> means, std::span<const float> deviations);

// Gives positions * deviations.size() values.
std::vector<float> decode_positions(std::span<const uint8_t> code,
                                    std::span<const float> deviations, float step,
                                    uint32_t positions);

}  // namespace feat::native
