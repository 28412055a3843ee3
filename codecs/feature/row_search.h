// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One round of the search for a row's levels through the states of dependent quantisation: what
// levels cost in each set, and the best path (docs/feature-codec.md, "Quantisation").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/level_model.h"
#include "codecs/feature/row_contexts.h"
#include "codecs/feature/trellis.h"

namespace feat::native {

// From this magnitude of a value on, in steps, zero is no candidate, and levels may be above 3.
inline constexpr float kLargeValue = 5.0F;
// Beyond this magnitude what a level costs does not decide between its neighbours.
inline constexpr int32_t kFlatLevel = 48;

inline int set_of(int state) {
  return state & 1;
}
inline int next_state(int state, int32_t level) {
  return kNextState[static_cast<size_t>(state)][static_cast<size_t>(level & 1)];
}

// The point that a level means, in steps: even numbers in set 0, zero and odd numbers in set 1.
inline int32_t point_of(int set, int32_t level) {
  return 2 * level - (level > 0 ? set : (level < 0 ? -set : 0));
}

struct RowSearch {
  std::span<const float> magnitudes;  // of the values, in steps
  const RowContexts &contexts;
  const LevelModel &model;
  float lambda;                // squared steps that a bit is worth
  std::span<int32_t> levels;   // magnitudes: those that contexts come from, then the best path's
  std::vector<uint8_t> &bits;  // scratch memory
};

void search_round(const RowSearch &row);

namespace scalar {
void search_round(const RowSearch &row);
}  // namespace scalar

}  // namespace feat::native
