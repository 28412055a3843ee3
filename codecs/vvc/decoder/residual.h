// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parsers of residual_coding() and residual_ts_coding() (clauses 7.3.11.11 and 7.3.11.12).
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/decoder/cabac_decoder.h"

namespace feat::vvc {

// One significant coefficient. With dependent quantisation the level is the reconstruction index
// 2 * |level| - (state > 1 ? 1 : 0), with the sign.
struct Coefficient {
  uint8_t x;
  uint8_t y;
  int32_t level;
};

struct ResidualParams {
  int log2_w;
  int log2_h;
  bool dep_quant;
  bool sign_data_hiding;
};

// What later syntax elements of the coding unit depend on.
struct ResidualInfo {
  int last_scan_pos;     // counted over whole sub-blocks
  bool beyond_16x16;     // a significant sub-block outside the first 16 rows or columns
  uint8_t max_x, max_y;  // of the significant coefficients
};

ResidualInfo parse_residual(CabacDecoder &cabac, ContextSet &ctx, const ResidualParams &params,
                            std::vector<Coefficient> &out);

// `bdpcm`: the block is predicted by block-based DPCM.
void parse_residual_ts(CabacDecoder &cabac, ContextSet &ctx, int log2_w, int log2_h, bool bdpcm,
                       std::vector<Coefficient> &out);

// abs_remainder and dec_abs_level (clause 9.3.3.11).
int decode_remainder(CabacDecoder &cabac, int rice);

}  // namespace feat::vvc
