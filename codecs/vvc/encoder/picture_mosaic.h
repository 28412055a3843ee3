// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A smaller picture put together from pieces of a larger one, to try things on.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

struct Mosaic {
  int width = 0;
  int height = 0;
  std::vector<uint16_t> samples;  // width * height
};

// About an eighth of the picture in squares of 64 spread evenly; a small picture as a whole.
Mosaic make_mosaic(const Plane<const uint16_t> &picture);

}  // namespace feat::vvc
