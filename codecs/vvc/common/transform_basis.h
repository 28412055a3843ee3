// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The transforms' matrices in 16 bits, in the orders the forward and inverse transforms read them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/transform.h"

namespace feat::vvc {

// How many of the coefficients of a transform of 2^log2_size points may be coded.
constexpr int coded_points(Kernel kernel, int log2_size) {
  return std::min(1 << log2_size, kernel == Kernel::kDct2 ? 32 : 16);
}

// Of a transform of n points the basis functions that may be coded, `coded` of them.
struct TransformBasis {
  static constexpr size_t kMaxEntries = size_t{32} * 64;

  alignas(64) std::array<int16_t, kMaxEntries> by_function;  // function u at u * n
  alignas(64) std::array<int16_t, kMaxEntries> by_sample;    // sample x of all at x * coded
  // Two rows of these, 2 i and 2 i + 1, side by side entry for entry: at 2 i * n, 2 i * coded.
  alignas(64) std::array<int16_t, kMaxEntries> function_pairs;
  alignas(64) std::array<int16_t, kMaxEntries> sample_pairs;
};

// log2_size: 1 to 6, of the DST-VII and DCT-VIII 2 to 5.
const TransformBasis &transform_basis(Kernel kernel, int log2_size);

}  // namespace feat::vvc
