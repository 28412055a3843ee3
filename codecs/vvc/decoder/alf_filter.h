// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Classification and filter of ALF (clauses 8.8.5.2 and 8.8.5.3) in a part of a CTU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/decoder/alf.h"

namespace feat::vvc {

// A rectangle of samples, sides multiples of 4. Around it in `from` lie three more on each side.
struct AlfArea {
  const uint16_t *from;
  ptrdiff_t from_stride;
  uint16_t *to;
  ptrdiff_t to_stride;
  int width;
  int height;
  int y_in_ctu;  // of the first row
  int ctu_side;
  int bit_depth;
};

class AlfFilter {
 public:
  void filter(const AlfArea &area, const AlfFilters &filters);

 private:
  static constexpr int kGradients = 4;  // vertical, horizontal, two diagonals

  void add_gradients(const AlfArea &area, int y);

  // Gradients of the last rows of cells of 2x2 samples, each summed over four cells, by block.
  static constexpr int kHistory = 8;
  uint16_t sums_[kHistory][kGradients][128 / 4];
};

}  // namespace feat::vvc
