// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rows that are the same as an earlier one, such as those of padding tokens or of repeated texts,
// are not coded again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

// For each row an earlier row that it repeats, or its own number. `codes` is rows of `columns`.
std::vector<uint32_t> find_copies(std::span<const Code> codes, size_t columns);
size_t count_copies(std::span<const uint32_t> sources);

// The rows that are no copies, one behind the other.
std::vector<Code> without_copies(std::span<const Code> codes, size_t columns,
                                 std::span<const uint32_t> sources);

void write_copies(std::span<const uint32_t> sources, std::vector<uint8_t> &out);
// False: damaged.
bool read_copies(size_t rows, std::span<const uint8_t> modelled, std::span<const uint8_t> raw,
                 std::vector<uint32_t> &sources);

// `data` begins with the rows that are no copies; puts all rows in their places. In bytes.
void spread_copies(std::span<uint8_t> data, size_t row_bytes, std::span<const uint32_t> sources);

}  // namespace feat::native::lossless
