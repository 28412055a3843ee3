// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What stands in front of the tiles of a lossless payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/lossless_bytes.h"
#include "codecs/feature/lossless_tile.h"

namespace feat::native::lossless {

// The flags in the first byte; the other bits are zero.
inline constexpr uint8_t kImage = 1;
inline constexpr uint8_t kZeros = 2;
inline constexpr uint8_t kNegatives = 4;
inline constexpr uint8_t kPalette = 8;
inline constexpr uint8_t kCopies = 16;
inline constexpr uint8_t kStored = 32;  // alone: the elements follow as they are

struct Preamble {
  bool stored = false;
  int low_bits = 0;
  int top_class = 1;
  std::vector<Code> palette;      // empty: none
  std::vector<uint32_t> sources;  // of rows; empty: no copies
  TilePlan plan;
};

// The codes that are left when copies are taken out.
size_t codes_in_tiles(const Preamble &preamble, size_t points);

// How a tensor of this shape lies in rows of channels or as pictures.
Arrangement arrange(std::span<const uint32_t> shape, bool image);
// Rows are as long as the last dimension.
bool has_whole_rows(std::span<const uint32_t> shape, size_t points);

void write_preamble(const Preamble &preamble, std::vector<uint8_t> &out);
Status read_preamble(ByteReader &reader, Format format, std::span<const uint32_t> shape,
                     size_t points, Preamble &preamble);

// A status with one sentence.
Status corrupt(const char *message);

}  // namespace feat::native::lossless
