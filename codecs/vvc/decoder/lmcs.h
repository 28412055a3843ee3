// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Luma mapping: its APS (clause 7.3.2.19) and the inverse mapping (clause 8.8.2). Intra prediction
// and residual stay in the mapped domain, so that mapping the picture back is all there is to do.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codecs/vvc/decoder/bit_reader.h"

namespace feat::vvc {

struct LmcsModel {
  static constexpr int kBins = 16;
  int min_bin = 0;
  int max_bin = 0;
  std::array<int, kBins> delta{};  // of the number of code words of a bin
};

LmcsModel parse_lmcs(BitReader &r, bool chroma_present);

// For every sample value of the mapped domain the original one.
std::vector<uint16_t> inverse_map(const LmcsModel &model, int bit_depth);

}  // namespace feat::vvc
