// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tensors of few different values, such as quantised ones in a float format: a sorted table of the
// values, and their ranks instead of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

inline constexpr size_t kMaxPalette = 32768;

// The different codes in the order of their values, at most `limit`; empty if there are more.
std::vector<Code> find_palette(std::span<const Code> codes, size_t limit);

// The ranks of `codes`, all of which are in `palette`.
void to_ranks(std::span<const Code> palette, std::span<const Code> codes, std::span<Code> ranks);

// Two byte strings, each behind its size.
void write_palette(std::span<const Code> palette, std::vector<uint8_t> &out);
// False: damaged.
bool read_palette(size_t count, std::span<const uint8_t> modelled, std::span<const uint8_t> raw,
                  std::vector<Code> &palette);

}  // namespace feat::native::lossless
