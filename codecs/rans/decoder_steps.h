// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The inner loop of decoding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/rans/state.h"
#include "codecs/rans/tables.h"

namespace feat::rans {

// Decodes `count` values of a chunk, of which the first is in lane 0. False: the bytes are damaged,
// and the values are whatever they are.
bool decode_steps(const DecodeView &tables, const uint8_t *table_of, size_t count,
                  ChunkState &chunk, int32_t *values);

// read_escape() of decode_lane.h, apart from the loops: escapes are rare.
int32_t decode_escape(const DecodeView &tables, size_t table, uint32_t &state, WordReader &words);

namespace scalar {

bool decode_steps(const DecodeView &tables, const uint8_t *table_of, size_t count,
                  ChunkState &chunk, int32_t *values);

}  // namespace scalar

}  // namespace feat::rans
