// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which of eight words in a row each of eight lanes gets, where those of a mask take one each.
#pragma once

#include <array>
#include <cstdint>

namespace feat::rans {

using ExpandIndices = std::array<std::array<uint8_t, 8>, 256>;

constexpr ExpandIndices expand_indices() {
  ExpandIndices all = {};
  for (unsigned mask = 0; mask < all.size(); ++mask) {
    uint8_t word = 0;
    for (unsigned lane = 0; lane < 8; ++lane)
      if ((mask >> lane & 1) != 0) all[mask][lane] = word++;
  }
  return all;
}

inline constexpr ExpandIndices kExpandIndices = expand_indices();

}  // namespace feat::rans
