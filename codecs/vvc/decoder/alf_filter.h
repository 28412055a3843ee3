// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adaptive loop filter of a part of a CTU: which class its blocks have, and their filters.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/alf_kernels.h"
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
  // What `filters` points at must not change between calls.
  void filter(const AlfArea &area, const AlfFilters &filters);

 private:
  void prepare(const AlfFilters &filters, int bit_depth);
  void add_gradients(const AlfArea &area, int y);
  const AlfGradients &gradients_at(int y) const { return gradients_[row_index(y)]; }
  static size_t row_index(int y) { return static_cast<size_t>(y >> 1) & (kHistory - 1); }

  // Of the last rows of cells.
  static constexpr size_t kHistory = 8;
  std::array<AlfGradients, kHistory> gradients_;

  // The filters as they are applied, for each class in four turns.
  const AlfFilters *prepared_ = nullptr;
  bool clip_ = false;
  std::array<AlfTaps, size_t{kAlfClasses} * kAlfTransposed> taps_;
};

}  // namespace feat::vvc
