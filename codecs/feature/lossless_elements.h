// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Elements of a tensor to codes and back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

size_t bytes_of(Format format);

// Numbers of this format whose lowest `low_bits` bits are zero and not coded. `top_class` is the
// class below which nearly all numbers are; of integers it says nothing.
NumberKind kind_of(Format format, int low_bits, int top_class);
// Ranks in a palette of this many values.
NumberKind kind_of_ranks(size_t palette);
int max_low_bits(Format format);

std::vector<Code> load_codes(Format format, std::span<const uint8_t> data);
void store_codes(Format format, std::span<const Code> codes, int low_bits, std::span<uint8_t> data);

// How many of the lowest bits are zero in all numbers.
int find_low_bits(Format format, std::span<const Code> codes);
int find_top_class(const NumberKind &kind, std::span<const Code> codes);

}  // namespace feat::native::lossless
