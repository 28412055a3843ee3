// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Dependent quantisation with eight states: the points that a level can mean depend on the levels
// before it (docs/feature-codec.md, "Quantisation"). The decoder follows the states; the encoder
// searches the row's best path through them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/level_model.h"
#include "codecs/feature/row_contexts.h"
#include "codecs/feature/trellis.h"

namespace feat::native {

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

// Searches levels for a row; scratch memory is kept between rows.
class DependentQuantizer {
 public:
  // `values` in steps; `lambda`: squared steps that a bit is worth; `rounds` of search, of which
  // each takes the contexts from the levels that the one before it found.
  void search(std::span<const float> values, const RowContexts &contexts, LevelModel &model,
              float lambda, int rounds, std::span<int32_t> levels);

 private:
  std::vector<Candidate> candidates_;
  std::vector<LevelContext> contexts_;  // those that the candidates were weighed in
  std::vector<uint8_t> decisions_;
};

}  // namespace feat::native
