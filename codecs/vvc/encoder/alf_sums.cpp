// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/alf_sums.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace feat::vvc {
namespace scalar {

void alf_terms(const AlfLine &line, size_t at, AlfTermRows &rows) {
  for (int k = 0; k < kAlfTaps; ++k) {
    const ptrdiff_t offset = AlfTaps::offset(k, line.reach, line.stride);
    for (int i = 0; i < line.count; ++i) {
      const uint16_t *sample = line.samples + i;
      const int one = sample[offset] - *sample;
      const int other = sample[-offset] - *sample;
      for (int c = 0; c < kAlfClips; ++c) {
        const int limit = alf_limit(c + 1, line.bit_depth);
        rows.terms[c * kAlfTaps + k][at + static_cast<size_t>(i)] =
            static_cast<int16_t>(std::clamp(one, -limit, limit) + std::clamp(other, -limit, limit));
      }
    }
  }
}

void alf_add_products(const AlfTermRows &rows, size_t count, AlfSums &sums) {
  for (size_t i = 0; i < kAlfTerms; ++i) {
    for (size_t n = 0; n < count; ++n) sums.errors[i] += rows.terms[i][n] * rows.errors[n];
    for (size_t j = 0; j < kAlfTerms; ++j) {
      for (size_t n = 0; n < count; ++n) sums.products[i][j] += rows.terms[i][n] * rows.terms[j][n];
    }
  }
}

}  // namespace scalar

void AlfSums::add(const AlfSums &other) {
  for (size_t i = 0; i < kAlfTerms; ++i) {
    errors[i] += other.errors[i];
    for (size_t j = 0; j < kAlfTerms; ++j) products[i][j] += other.products[i][j];
  }
}

namespace {

// Puts the terms of a line where its blocks' filters, turned as they are, look for them.
void turn_terms(const AlfTermRows &from, const AlfClassifier &blocks, size_t at, AlfTermRows &to) {
  for (int b = 0; b < blocks.blocks(); ++b) {
    const uint8_t *order = kAlfTapOrder[blocks.classes()[b] % kAlfTransposed];
    const size_t x = size_t{kAlfBlock} * static_cast<size_t>(b);
    for (int c = 0; c < kAlfClips; ++c) {
      for (int k = 0; k < kAlfTaps; ++k) {
        std::memcpy(to.terms[c * kAlfTaps + order[k]] + at + x, from.terms[c * kAlfTaps + k] + x,
                    kAlfBlock * sizeof(int16_t));
      }
    }
  }
}

}  // namespace

void alf_add_area(const AlfArea &area, const uint16_t *source, ptrdiff_t source_stride, int step,
                  AlfSums &sums) {
  const auto line_terms = std::make_unique_for_overwrite<AlfTermRows>();
  const auto rows = std::make_unique_for_overwrite<AlfTermRows>();
  AlfClassifier blocks(area);
  while (blocks.next()) {
    size_t count = 0;
    for (int i = 0; i < kAlfBlock; i += step) {
      // Beside the boundary a filter counts for an eighth, and taps lie elsewhere.
      if (blocks.reach(i) == 0) continue;
      const int y = blocks.y() + i;
      const uint16_t *line = area.from + y * area.from_stride;
      alf_terms({line, area.from_stride, area.width, blocks.reach(i), area.bit_depth}, 0,
                *line_terms);
      turn_terms(*line_terms, blocks, count, *rows);
      for (int x = 0; x < area.width; ++x) {
        rows->errors[count++] = static_cast<int16_t>(source[y * source_stride + x] - line[x]);
      }
    }
    alf_add_products(*rows, count, sums);
  }
}

}  // namespace feat::vvc
