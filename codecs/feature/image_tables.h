// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the weights of an image's contexts are before anything was coded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/feature/image_model.h"

namespace feat::native {

// Of a low bin; `lane` is set * kLowBins + bin, `index` counts from the table's start.
int32_t initial_weight(ImageTable table, int index, size_t lane);

}  // namespace feat::native
