// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/forward_lfnst.h"

#include <algorithm>

#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/lfnst.h"
#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {

void forward_lfnst(int32_t *coeff, int log2_w, int log2_h, int wide_mode, int idx) {
  const bool large = log2_w >= 3 && log2_h >= 3;
  const bool few = log2_w == log2_h && log2_w <= 3;  // 4x4 and 8x8
  const int inputs = large ? 48 : 16;
  const int outputs = few ? 8 : 16;
  const bool transposed = wide_mode > kDiagonal;
  const int step_x = transposed ? 1 << log2_w : 1;
  const int step_y = transposed ? 1 : 1 << log2_w;
  const int side = large ? 8 : 4;
  int16_t in[48];
  int16_t *next = in;
  for (int y = 0; y < side; ++y) {
    const int count = y < 4 ? side : 4;
    for (int x = 0; x < count; ++x) *next++ = static_cast<int16_t>(coeff[x * step_x + y * step_y]);
  }
  for (int y = 0; y < std::min(1 << log2_h, 32); ++y) {
    std::fill_n(coeff + (y << log2_w), std::min(1 << log2_w, 32), 0);
  }
  const int8_t *matrix = lfnst_matrix(log2_w, log2_h, wide_mode, idx);
  const ScanPos *scan = diagonal_scan(2, 2);
  for (int i = 0; i < outputs; ++i, matrix += inputs) {
    int32_t sum = 64;
    for (int k = 0; k < inputs; ++k) sum += in[k] * matrix[k];
    coeff[(scan[i].y << log2_w) + scan[i].x] = sum >> 7;
  }
}

}  // namespace feat::vvc
