// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Chooses an adaptive loop filter from sums over a picture.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "codecs/vvc/encoder/alf_sums.h"

namespace feat::vvc {

// One filter for all classes of blocks.
struct AlfChoice {
  std::array<int16_t, kAlfTaps> coeff{};  // in 1/128
  std::array<uint8_t, kAlfTaps> clip{};   // alf_luma_clip_idx

  AlfFilters for_all_classes() const;
};

// Squared errors are counted in units of 2^-kAlfErrorBits, as coefficients come in 1/128.
inline constexpr int kAlfErrorBits = 14;

// The filter that saves most, or none where all take more for their bits than they save. `bit_cost`
// is what a bit is worth in those units, over the samples of the sums.
std::optional<AlfChoice> choose_alf(const AlfSums &sums, int64_t bit_cost);

}  // namespace feat::vvc
