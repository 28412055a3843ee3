// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A tile: codes that are coded together, independently of all others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

inline constexpr size_t kTileCodes = size_t{1} << 20;
inline constexpr uint32_t kMaxColumns = 65536;

// How codes lie: rows of channels, or pictures.
struct Arrangement {
  bool image = false;
  uint32_t columns = 1;
  // Of a picture; or of what may repeat in rows of channels, 0: nothing.
  uint32_t rows = 0;

  // Codes of each tile but the last one.
  size_t tile_codes() const;
};

struct TilePlan {
  NumberKind kind;
  Arrangement arrangement;
  bool zeros = false;      // there are magnitudes of zero
  bool negatives = false;  // there are signs
};

struct TileBytes {
  std::vector<uint8_t> modelled;
  std::vector<uint8_t> raw;
  size_t size() const { return modelled.size() + raw.size(); }
};

// What the second half of a sample costs in bytes, when the model knows the first.
size_t cost_of(const TilePlan &plan, std::span<const Code> sample);

TileBytes write_tile(const TilePlan &plan, std::span<const Code> codes);

// False: the sizes do not fit what was coded.
bool read_tile(const TilePlan &plan, std::span<const uint8_t> modelled,
               std::span<const uint8_t> raw, std::span<Code> codes);

}  // namespace feat::native::lossless
