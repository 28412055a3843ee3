// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Scan order and context selection of residual_coding() (clauses 6.5.2, 7.3.11.11, 9.3.4.2.8 and
// 9.3.4.2.9), shared by encoder and decoder.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {

struct ScanPos {
  uint8_t x;
  uint8_t y;
};

// Up-right diagonal scan of a block of 2^log2_w x 2^log2_h positions, sides 1 to 32.
const ScanPos *diagonal_scan(int log2_w, int log2_h);

// Sub-block shape of a transform block: log2 of width and height (clause 7.3.11.11).
struct SubblockShape {
  int log2_w;
  int log2_h;
};
SubblockShape subblock_shape(int log2_tb_w, int log2_tb_h);

// Sums over the five already coded neighbours of a coefficient, from which the contexts of
// sig_coeff_flag, par_level_flag and abs_level_gtx_flag and the Rice parameter follow.
struct TemplateSum {
  int sum_abs;  // of the absolute levels
  int num_sig;  // of the significant ones
};

// `abs_level` has `stride` elements a row; positions outside the (zeroed-out) block of
// width x height count as 0. In the first pass levels are the partial ones (at most 4 + parity).
template <typename T>
inline TemplateSum template_sum(const T *abs_level, int stride, int x, int y, int width,
                                int height) {
  TemplateSum s{0, 0};
  const auto add = [&s](int level) {
    s.sum_abs += level;
    s.num_sig += level != 0 ? 1 : 0;
  };
  const T *at = abs_level + y * stride + x;
  if (x + 1 < width) {
    add(at[1]);
    if (x + 2 < width) add(at[2]);
    if (y + 1 < height) add(at[stride + 1]);
  }
  if (y + 1 < height) {
    add(at[stride]);
    if (y + 2 < height) add(at[2 * stride]);
  }
  return s;
}

// Context of sig_coeff_flag, luma; q_state is 0 without dependent quantisation.
inline int sig_ctx(TemplateSum t, int x, int y, int q_state) {
  const int d = x + y;
  const int half = (t.sum_abs + 1) >> 1;
  return kCtxSig + 12 * (q_state > 1 ? q_state - 1 : 0) + (half < 3 ? half : 3) +
         (d < 2 ? 8 : (d < 5 ? 4 : 0));
}

// Offset of par_level_flag and abs_level_gtx_flag within kCtxPar, kCtxGt1 and kCtxGt3, luma.
inline int greater_ctx(TemplateSum t, int x, int y, bool is_last) {
  if (is_last) return 0;
  const int d = x + y;
  const int excess = t.sum_abs - t.num_sig;
  return 1 + (excess < 4 ? excess : 4) + (d == 0 ? 15 : (d < 3 ? 10 : (d < 10 ? 5 : 0)));
}

// Rice parameter from the clipped sum of the neighbours' absolute levels (table 128).
extern const uint8_t kRiceParameter[32];
inline int rice_parameter(int sum_abs, int base_level) {
  const int i = sum_abs - 5 * base_level;
  return kRiceParameter[i < 0 ? 0 : (i > 31 ? 31 : i)];
}

// Next state of dependent quantisation (clause 7.3.11.11).
inline int next_q_state(int q_state, int level) {
  constexpr uint8_t kNext[4][2] = {{0, 2}, {2, 0}, {1, 3}, {3, 1}};
  return kNext[q_state][level & 1];
}

}  // namespace feat::vvc
