// SPDX-License-Identifier: LGPL-2.1-or-later
//
// From tensors to packed planes of code values, as featuretrunc, featurequant (to the nearest) and
// featurepack make them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codecs/hyperprior/train/npy_array.h"

namespace feat::hyperprior::train {

// Ends of the truncation region; several where it differs along an axis of (N,C,H,W).
struct Ranges {
  std::vector<double> min;
  std::vector<double> max;
  int axis = -1;
};

struct Packed {
  int width = 0;
  int height = 0;
  std::vector<uint16_t> samples;
  // Upper end less lower end of the range, for each of equal parts of the width.
  std::vector<double> spans;
};

// (H,W) is one plane. (S,T,C) are S planes of T rows, unless it is (16,H,H): 16 channels that stand
// in a mosaic of 4x4, as the 16 square channels of (N,16,H,H) do. Otherwise (N,C,H,W) becomes a
// stack: N*H rows of C*W columns. No ranges: from the least value to the greatest. Throws Error,
// which begins with `name`.
std::vector<Packed> pack(const std::string &name, const Array &array, const Ranges &ranges,
                         int bits);

}  // namespace feat::hyperprior::train
