// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adaptive loop filter of a part of a CTU: which class its blocks have, and their filters (clause
// 8.8.5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/alf_kernels.h"

namespace feat::vvc {

inline constexpr int kAlfClasses = 25;
inline constexpr int kAlfTaps = AlfTaps::kCount;
inline constexpr int kAlfBlock = 4;   // side of what has a class
inline constexpr int kAlfMargin = 3;  // how far taps reach

// Where tap k of a filter is found in its four transpositions.
inline constexpr uint8_t kAlfTapOrder[kAlfTransposed][kAlfTaps] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
    {9, 4, 10, 8, 1, 5, 11, 7, 3, 0, 2, 6},
    {0, 3, 2, 1, 8, 7, 6, 5, 4, 9, 10, 11},
    {9, 8, 10, 4, 3, 7, 11, 5, 1, 0, 2, 6}};

// How much a neighbour may differ so that all of it counts, by alf_luma_clip_idx (0 to 3).
inline int alf_limit(int clip, int bit_depth) {
  return clip == 0 ? 1 << bit_depth : 1 << (bit_depth - 1 - 2 * clip);
}

// Coefficients in 1/128 and clipping indices for every class of blocks.
struct AlfFilters {
  std::array<std::array<int16_t, kAlfTaps>, kAlfClasses> coeff{};
  std::array<std::array<uint8_t, kAlfTaps>, kAlfClasses> clip{};
};

// A rectangle of samples, sides multiples of 4. Around it lie kAlfMargin more on each side.
struct AlfArea {
  const uint16_t *from;
  ptrdiff_t from_stride;
  int width;  // at most that of kAlfMaxBlocks
  int height;
  int y_in_ctu;  // of the first row
  int ctu_side;
  int bit_depth;
};

// Walks down an area, from one row of blocks to the next.
class AlfClassifier {
 public:
  explicit AlfClassifier(const AlfArea &area);

  // Goes on to the next row of blocks; false at the end.
  bool next();
  // The first line of the row of blocks.
  int y() const { return y_; }
  int blocks() const { return area_.width / kAlfBlock; }
  // The class of each block times kAlfTransposed, plus how its filter is turned.
  const uint8_t *classes() const { return classes_; }
  // How many lines above and below line i of the row of blocks may be seen.
  int reach(int i) const;

 private:
  void add_gradients(int y);
  static size_t row_index(int y) { return static_cast<size_t>(y >> 1) & (kHistory - 1); }

  // Of the last rows of cells.
  static constexpr size_t kHistory = 4;

  AlfArea area_;
  int boundary_;
  int y_ = -kAlfBlock;
  std::array<AlfGradients, kHistory> gradients_;
  uint8_t classes_[kAlfMaxBlocks];
};

class AlfFilter {
 public:
  // What `filters` points at must not change between calls.
  void filter(const AlfArea &area, const AlfFilters &filters, uint16_t *to, ptrdiff_t to_stride);

 private:
  void prepare(const AlfFilters &filters, int bit_depth);

  // The filters as they are applied, for each class in four turns.
  const AlfFilters *prepared_ = nullptr;
  bool clip_ = false;
  std::array<AlfTaps, size_t{kAlfClasses} * kAlfTransposed> taps_;
};

}  // namespace feat::vvc
