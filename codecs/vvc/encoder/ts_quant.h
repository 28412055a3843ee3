// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate-distortion optimised quantisation of transform-skipped blocks, sample by sample.
#pragma once

#include <cstdint>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/encoder/quant_step.h"

namespace feat::vvc {

// As DepQuantizer::quantize(), for the residual of a block in rows of 2^log2_w. `cost` is an
// estimate that knows the contexts but not their adaptation.
bool quantize_transform_skip(const int16_t *residual, int log2_w, int log2_h, const QuantStep &step,
                             const ContextSet &contexts, int32_t *levels, int64_t &cost);

}  // namespace feat::vvc
