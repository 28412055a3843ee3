// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Encoding by a layout that has been chosen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/rans/layout.h"
#include "codecs/rans/tables.h"

namespace feat::rans {

// Appends to `out`. There are values, all of them and their tables are in range, and no chunk of
// the layout is empty.
void encode_by(const Layout &layout, const CodingTables &tables, std::span<const int32_t> values,
               std::span<const uint8_t> table_of, std::vector<uint8_t> &out);

}  // namespace feat::rans
