// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Dependent quantisation with eight states: the points that a level can mean depend on the levels
// before it (docs/feature-codec.md, "Quantisation"). The decoder follows the states; the encoder
// searches the row's best path through them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/level_model.h"
#include "codecs/feature/row_contexts.h"
#include "codecs/feature/row_search.h"

namespace feat::native {

// Searches levels for a row; scratch memory is kept between rows.
class DependentQuantizer {
 public:
  // `values` in steps; `lambda`: squared steps that a bit is worth; `rounds` of search, of which
  // each takes the contexts from the levels that the one before it found.
  void search(std::span<const float> values, const RowContexts &contexts, const LevelModel &model,
              float lambda, int rounds, std::span<int32_t> levels);

 private:
  std::vector<float> magnitudes_;
  std::vector<uint8_t> bits_;
};

}  // namespace feat::native
