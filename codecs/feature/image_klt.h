// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finds the rotations of channels that save the most bits; encoder only.
#pragma once

#include <cstddef>

#include "codecs/feature/image_blocks.h"
#include "codecs/feature/image_rotation.h"

namespace feat::native {

// Some pictures of coefficients.
struct CoefficientImages {
  const BlockGrid &grid;
  size_t channels;
  size_t count;
  const float *coefficients;
};

// The angles for one half at this distance between points; no bits where none pay. `lambda`:
// squared distances that a bit is worth; `thorough`: tries several precisions.
Angles choose_angles(const CoefficientImages &images, size_t half, float distance, float lambda,
                     bool thorough);

}  // namespace feat::native
