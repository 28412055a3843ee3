// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/quant_step.h"

#include <algorithm>
#include <array>

namespace feat::vvc {
namespace {

// levelScale of clause 8.7.3: square blocks and those whose area is not a power of four.
constexpr std::array<std::array<int, 6>, 2> kLevelScale = {
    {{40, 45, 51, 57, 64, 72}, {57, 64, 72, 80, 90, 102}}};
constexpr int kFlatScaling = 16;
constexpr int kMinTransformSkipQp = 4;

int64_t inverse_of(int64_t scale, int shift) {
  return ((int64_t{1} << (shift + QuantStep::kInverseBits)) + scale / 2) / scale;
}

}  // namespace

QuantStep QuantStep::dependent(int qp, int bit_depth, int log2_w, int log2_h,
                               const Lambda &lambda) {
  const int q = qp + 1;
  const int rect = (log2_w + log2_h) & 1;
  QuantStep s{};
  s.scale =
      int64_t{kFlatScaling} * kLevelScale[static_cast<size_t>(rect)][static_cast<size_t>(q % 6)]
      << (q / 6);
  s.shift = bit_depth + rect + ((log2_w + log2_h) >> 1) - 5 + 1;
  s.inverse = inverse_of(s.scale, s.shift);
  s.dist_mul = lambda.inverse();
  s.dist_shift = lambda.coefficient_shift(log2_w, log2_h);
  return s;
}

QuantStep QuantStep::transform_skip(int qp, const Lambda &lambda) {
  const int q = std::max(qp, kMinTransformSkipQp);
  QuantStep s{};
  s.scale = int64_t{kFlatScaling} * kLevelScale[0][static_cast<size_t>(q % 6)] << (q / 6);
  s.shift = 10;
  s.inverse = inverse_of(s.scale, s.shift);
  s.dist_mul = lambda.inverse();
  s.dist_shift = lambda.sample_shift();
  return s;
}

}  // namespace feat::vvc
