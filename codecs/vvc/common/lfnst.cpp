// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/lfnst.h"

#include <algorithm>

#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {
// The sets are symmetric about the diagonal mode.
int lfnst_set(int wide_mode) {
  if (wide_mode < 0) return 1;
  if (wide_mode <= kDc) return 0;
  const int mirrored = wide_mode > kDiagonal ? 2 * kDiagonal - wide_mode : wide_mode;
  return mirrored <= 12 ? 1 : (mirrored <= 23 ? 2 : 3);
}

const int8_t *lfnst_matrix(int log2_w, int log2_h, int wide_mode, int idx) {
  const int set = lfnst_set(wide_mode);
  return log2_w >= 3 && log2_h >= 3 ? kLfnst8[set][idx - 1][0] : kLfnst4[set][idx - 1][0];
}

void inverse_lfnst(int32_t *coeff, int log2_w, int log2_h, int wide_mode, int idx) {
  const bool large = log2_w >= 3 && log2_h >= 3;
  const bool few = log2_w == log2_h && log2_w <= 3;  // 4x4 and 8x8
  const int inputs = few ? 8 : 16;
  const int outputs = large ? 48 : 16;
  const int8_t *matrix = lfnst_matrix(log2_w, log2_h, wide_mode, idx);

  const ScanPos *scan = diagonal_scan(2, 2);
  int32_t sum[48];
  std::fill_n(sum, outputs, 64);
  for (int i = 0; i < inputs; i++, matrix += outputs) {
    const int32_t c = coeff[(scan[i].y << log2_w) + scan[i].x];
    if (c == 0) continue;
    for (int k = 0; k < outputs; k++) sum[k] += c * matrix[k];
  }
  const bool transposed = wide_mode > kDiagonal;
  const int side = large ? 8 : 4;
  const int32_t *from = sum;
  for (int y = 0; y < side; y++) {
    const int count = y < 4 ? side : 4;
    for (int x = 0; x < count; x++) {
      const int at = transposed ? (x << log2_w) + y : (y << log2_w) + x;
      coeff[at] = std::clamp(*from++ >> 7, -32768, 32767);
    }
  }
}

}  // namespace feat::vvc
