// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Preselection of intra modes by Hadamard cost.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/encoder/coding_syntax.h"

namespace feat::vvc {

// Rate of an intra mode under fixed context states.
int64_t intra_mode_rate(const ContextSet &contexts, int mode, const MpmList &mpm);

struct ModeCandidates {
  static constexpr size_t kMax = 8;
  std::array<uint8_t, kMax> modes{};
  std::array<int64_t, kMax> costs{};  // comparable within a block
  size_t count = 0;
};

// The `wanted` modes that promise most for a block of 2^log2_w x 2^log2_h, best first. `source` in
// rows of the block's width; `root_lambda` is the square root of lambda in 1/256.
ModeCandidates preselect_modes(const uint16_t *source, const IntraReference &ref, int log2_w,
                               int log2_h, int bit_depth, const ContextSet &contexts,
                               const MpmList &mpm, int64_t root_lambda, size_t wanted);

}  // namespace feat::vvc
