// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/transform.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {
namespace {

constexpr int kMinCoeff = -(1 << 15);
constexpr int kMaxCoeff = (1 << 15) - 1;

// The second row is for blocks whose area is an odd power of two.
constexpr uint8_t kLevelScale[2][6] = {{40, 45, 51, 57, 64, 72}, {57, 64, 72, 80, 90, 102}};

}  // namespace

Scaler::Scaler(int log2_w, int log2_h, const ScalingParams &params) {
  const int qp =
      params.transform_skip ? std::max(params.qp, 4) : params.qp + (params.dep_quant ? 1 : 0);
  const int odd_area = params.transform_skip ? 0 : (log2_w + log2_h) & 1;
  shift_ = 10;
  if (!params.transform_skip) {
    shift_ =
        params.bit_depth + odd_area + ((log2_w + log2_h) >> 1) - 5 + (params.dep_quant ? 1 : 0);
  }
  // 16 is the flat scaling factor.
  scale_ = (int64_t{16} * kLevelScale[odd_area][qp % 6]) << (qp / 6);
  round_ = int64_t{1} << (shift_ - 1);
}

int32_t Scaler::operator()(int32_t level) const {
  const int64_t v = (level * scale_ + round_) >> shift_;
  return static_cast<int32_t>(std::clamp<int64_t>(v, kMinCoeff, kMaxCoeff));
}

int32_t Scaler::operator()(int32_t level, int factor) const {
  const int64_t v = (level * (scale_ / 16) * factor + round_) >> shift_;
  return static_cast<int32_t>(std::clamp<int64_t>(v, kMinCoeff, kMaxCoeff));
}

void scale_coefficients(int32_t *coeff, int log2_w, int log2_h, const ScalingParams &params) {
  const Scaler scale(log2_w, log2_h, params);
  if (params.transform_skip || !params.dep_quant) {
    for (int i = 0; i < 1 << (log2_w + log2_h); i++) {
      if (coeff[i] != 0) coeff[i] = scale(coeff[i]);
    }
    return;
  }
  // Coefficients beyond 32 columns or rows are zero and have no place in the scan.
  const int log2_scan_w = std::min(log2_w, 5);
  const int log2_scan_h = std::min(log2_h, 5);
  const SubblockShape shape = subblock_shape(log2_w, log2_h);
  const int log2_across = log2_scan_w - shape.log2_w;
  const int log2_down = log2_scan_h - shape.log2_h;
  const ScanPos *blocks = diagonal_scan(log2_across, log2_down);
  const ScanPos *inner = diagonal_scan(shape.log2_w, shape.log2_h);
  const int last = (1 << (shape.log2_w + shape.log2_h)) - 1;
  unsigned state = 0;  // stays 0 over the zeros beyond the last significant coefficient
  for (int b = (1 << (log2_across + log2_down)) - 1; b >= 0; b--) {
    int32_t *corner =
        coeff + ((blocks[b].y << shape.log2_h) << log2_w) + (blocks[b].x << shape.log2_w);
    // In coding order, the first one lowest.
    unsigned coded = 0;
    unsigned odd = 0;
    for (int t = 0; t <= last; t++) {
      const ScanPos &at = inner[last - t];
      const int32_t level = corner[(at.y << log2_w) + at.x];
      coded |= (level != 0 ? 1U : 0U) << t;
      odd |= (static_cast<unsigned>(level) & 1) << t;
    }
    // As many zeros as there are in a sub-block leave the state as it is.
    if (coded == 0) continue;
    // The high bit of the state becomes the low one, and the low one with the parity the high
    // one. So the high bit is that of two levels before with the parity of the level before.
    unsigned high = odd << 1 ^ state >> 1 ^ (state & 1) << 1;
    for (int reach = 2; reach <= 16; reach *= 2) high ^= high << reach;
    state = (high >> (last + 1) & 1) << 1 | (high >> last & 1);
    for (; coded != 0; coded &= coded - 1) {
      const int t = std::countr_zero(coded);
      const ScanPos &at = inner[last - t];
      int32_t &c = corner[(at.y << log2_w) + at.x];
      const auto back = static_cast<int32_t>(high >> t & 1);
      c = scale(c > 0 ? 2 * c - back : 2 * c + back);
    }
  }
}

void inverse_transform_skip(const int32_t *coeff, int log2_w, int log2_h, int /*bit_depth*/,
                            int32_t *residual) {
  std::memcpy(residual, coeff, sizeof(*coeff) << (log2_w + log2_h));
}

}  // namespace feat::vvc
