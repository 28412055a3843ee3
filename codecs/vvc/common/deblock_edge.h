// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Deblocking of one luma edge of four lines between intra blocks (clauses 8.8.3.6.1 to 8.8.3.6.9).
#pragma once

#include <cstddef>
#include <cstdint>

namespace feat::vvc {

struct EdgeParams {
  int tc;
  int beta;
  int length_p;  // samples that may change on the side before the edge: 1, 3 or 7
  int length_q;  // and behind it
  int max_value;
};

// Thresholds for the mean QP of both sides, boundary strength 2 (table 43).
int deblock_tc(int qp, int tc_offset_div2, int bit_depth);
int deblock_beta(int qp, int beta_offset_div2, int bit_depth);

// `at`: the first sample behind the edge; `across` leads to the next one away from the edge,
// `along` to the next line.
void deblock_edge(uint16_t *at, ptrdiff_t across, ptrdiff_t along, const EdgeParams &params);

}  // namespace feat::vvc
