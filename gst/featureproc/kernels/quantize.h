// SPDX-License-Identifier: LGPL-2.1-or-later
// Uniform quantisation of a tensor, and its inverse.
//
// With L = 2^bits - 1 the two roundings are, x first clamped to [min, max]:
//
// nearest, in binary64 throughout:
//   q = round_half_even((x - min) * (L / (max - min)))
//   x = q * ((max - min) / L) + min, rounded to binary32 and then to the source format
//
// floor, with the arithmetic of the paper's reference software, scale = L / (max - min) computed in
// binary64, every constant and the result of every operation rounded to the type in brackets:
//   q = trunc((x - min) * scale) [the source format for f16, f32 and f64; f32 for bf16; f64 for
//   integers]
//   x = q / scale + min [f32], rounded to the source format
//
// A code is never above L, even where f16 arithmetic gives more.
#pragma once

#include <memory>
#include <span>

#include "element.h"
#include "ranges.h"

namespace feat {

enum class Rounding { nearest, floor };

class Quantizer {
 public:
  virtual ~Quantizer() = default;
  // source holds layout.points() elements, codes gets as many of 1 byte (bits up to 8) or 2. An
  // infinity counts as a value outside the range, NaN as the value of the range nearest to zero.
  virtual NonFinite run(const void *source, void *codes) const = 0;

  // ranges has layout.count entries.
  static std::unique_ptr<Quantizer> create(Element source, unsigned bits, Rounding rounding,
                                           std::span<const Range> ranges, const AxisLayout &layout);
};

class Dequantizer {
 public:
  virtual ~Dequantizer() = default;
  // Codes above L count as L.
  virtual void run(const void *codes, void *target) const = 0;

  static std::unique_ptr<Dequantizer> create(Element target, unsigned bits, Rounding rounding,
                                             std::span<const Range> ranges,
                                             const AxisLayout &layout);
};

}  // namespace feat
