// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Luma mapping: its APS (clause 7.3.2.19) and the inverse mapping (clause 8.8.2). Intra prediction
// and residual stay in the mapped domain, so that mapping the picture back is all there is to do.
#pragma once

#include <array>

#include "codecs/vvc/decoder/bit_reader.h"
#include "codecs/vvc/decoder/frame.h"

namespace feat::vvc {

struct LmcsModel {
  static constexpr int kBins = 16;
  int min_bin = 0;
  int max_bin = 0;
  std::array<int, kBins> delta{};  // of the number of code words of a bin
};

LmcsModel parse_lmcs(BitReader &r, bool chroma_present);

void inverse_map_picture(Frame &frame, const LmcsModel &model);

}  // namespace feat::vvc
