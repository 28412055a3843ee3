// SPDX-License-Identifier: LGPL-2.1-or-later
//
// From the samples of a packed plane to what the analysis sees, and back.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/model.h"

namespace feat::hyperprior {

// Where the samples of the plane go.
enum class Layout : uint8_t {
  kRows,  // as they are
  // Neighbouring columns have nothing in common (channels of a token): each column becomes a map of
  // its own, all maps stand below each other. Where the rows are some special ones and a square
  // grid of places, the map is that grid, and the special rows are a map that stands above.
  kColumns,
};

// What the decoder has to know; stands in the unit.
struct Preparation {
  Layout layout = Layout::kRows;
  int special_rows = 0;    // of kColumns
  int map_width = 0;       // of kColumns: samples in a row of a map, before padding
  int mean = 0;            // kNormalised: code value
  int deviation_code = 0;  // kNormalised: the deviation is 2^(code / 8 - 4) code values, 0 to 255
};

struct Prepared {
  Preparation how;
  int height = 0;  // multiples of the model's alignment
  int width = 0;
  std::vector<float> samples;
};

// The deviation that a code stands for.
float deviation_of(int code);

// The size of what the analysis sees, from the size of the plane. 0 by 0: `how` does not fit it.
void prepared_size(const ModelDescription &model, const Preparation &how, int width, int height,
                   int &prepared_width, int &prepared_height);

Prepared prepare(const ModelDescription &model, const ConstPlane &plane, int bit_depth);

// `samples` has the prepared size.
void restore(const ModelDescription &model, const Preparation &how, const float *samples,
             int bit_depth, const Plane &plane);

}  // namespace feat::hyperprior
