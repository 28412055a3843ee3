// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/lmcs.h"

#include <algorithm>

namespace feat::vvc {

LmcsModel parse_lmcs(BitReader &r, bool chroma_present) {
  LmcsModel m;
  m.min_bin = r.ue(LmcsModel::kBins - 1, "lmcs_min_bin_idx");
  m.max_bin = LmcsModel::kBins - 1 - r.ue(LmcsModel::kBins - 1, "lmcs_delta_max_bin_idx");
  if (m.max_bin < m.min_bin) fail_corrupt("the luma mapping has no bins");
  const int bits = 1 + r.ue(14, "lmcs_delta_cw_prec_minus1");
  for (int i = m.min_bin; i <= m.max_bin; i++) {
    const int magnitude = static_cast<int>(r.bits(bits));
    const bool negative = magnitude != 0 && r.flag();
    m.delta[static_cast<size_t>(i)] = negative ? -magnitude : magnitude;
  }
  if (chroma_present && r.bits(3) != 0) r.flag();  // lmcs_delta_abs_crs, its sign
  return m;
}

std::vector<uint16_t> inverse_map(const LmcsModel &model, int bit_depth) {
  constexpr int kPrecision = 11;
  const int levels = 1 << bit_depth;
  const int bin_width = levels / LmcsModel::kBins;
  int width[LmcsModel::kBins] = {};
  int start[LmcsModel::kBins + 1] = {};
  for (int i = 0; i < LmcsModel::kBins; i++) {
    if (i >= model.min_bin && i <= model.max_bin) {
      width[i] = bin_width + model.delta[static_cast<size_t>(i)];
      if (width[i] < bin_width >> 3 || width[i] >= bin_width << 3) {
        fail_corrupt("a bin of the luma mapping has " + std::to_string(width[i]) + " code words");
      }
    }
    start[i + 1] = start[i] + width[i];
  }
  if (start[LmcsModel::kBins] >= levels) {
    fail_corrupt("the luma mapping has more code words than the bit depth");
  }
  std::vector<uint16_t> table(static_cast<size_t>(levels));
  int bin = model.min_bin;
  for (int v = 0; v < levels; v++) {
    while (bin <= model.max_bin && v >= start[bin + 1]) bin++;
    const int b = std::min(bin, LmcsModel::kBins - 1);
    const int scale = width[b] == 0 ? 0 : (bin_width << kPrecision) / width[b];
    const int mapped =
        b * bin_width + ((scale * (v - start[b]) + (1 << (kPrecision - 1))) >> kPrecision);
    table[static_cast<size_t>(v)] = static_cast<uint16_t>(std::clamp(mapped, 0, levels - 1));
  }
  return table;
}

}  // namespace feat::vvc
