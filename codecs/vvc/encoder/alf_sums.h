// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sums over samples that tell how well any filter of the loop (ALF) does: a filter adds to a
// sample, for each tap, a weight times what its two neighbours differ from it, clipped (a term).
// The sums are those of a least squares fit of such terms to the error of the reconstruction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/alf_filter.h"

namespace feat::vvc {

// Clipping indices 1 to 3 are tried; the widest limit, 0, brings nothing more on features.
inline constexpr int kAlfClips = 3;
// A tap has a term for each of them: that of tap k with index c is (c - 1) * kAlfTaps + k.
inline constexpr int kAlfTerms = kAlfClips * kAlfTaps;

struct AlfSums {
  std::array<std::array<int64_t, kAlfTerms>, kAlfTerms> products{};  // of two terms
  std::array<int64_t, kAlfTerms> errors{};                           // of a term and the error

  void add(const AlfSums &other);
};

// Terms of samples, and what these lack to the source.
struct AlfTermRows {
  static constexpr size_t kSamples = size_t{4} * kAlfMaxBlocks * kAlfBlock;

  alignas(64) int16_t terms[kAlfTerms][kSamples];
  alignas(64) int16_t errors[kSamples];
};

// The terms of `count` samples of a line, a multiple of 4, beginning at `at` of the rows. Taps in
// lines further away than `reach` are taken from there.
struct AlfLine {
  const uint16_t *samples;  // kAlfMargin more are read on all sides
  ptrdiff_t stride;
  int count;
  int reach;
  int bit_depth;
};
void alf_terms(const AlfLine &line, size_t at, AlfTermRows &rows);

// Adds the sums over the first `count` samples, a multiple of 4.
void alf_add_products(const AlfTermRows &rows, size_t count, AlfSums &sums);

// Adds the sums over an area of a reconstruction. Only every `step`-th line of each 4 counts.
void alf_add_area(const AlfArea &area, const uint16_t *source, ptrdiff_t source_stride, int step,
                  AlfSums &sums);

namespace scalar {

void alf_terms(const AlfLine &line, size_t at, AlfTermRows &rows);
void alf_add_products(const AlfTermRows &rows, size_t count, AlfSums &sums);

}  // namespace scalar
}  // namespace feat::vvc
