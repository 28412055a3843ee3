// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The exchange rate between distortion and bits. Costs are kept in units of rate (2^-15 bit) in
// integers: a distortion is divided by lambda, so every machine takes the same decisions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/encoder/qp_plan.h"

namespace feat::vvc {

// 1 / lambda at 8 bits for QP 0, 1 and 2, in 2^-kInverseLambdaBits; it halves every three QPs.
inline constexpr int kInverseLambdaBits = 16;
extern const std::array<int64_t, 3> kInverseLambda;
// Square root of lambda in 1/256 at 8 bits for QP 0 to 5; it doubles every six QPs.
extern const std::array<int64_t, 6> kRootLambda;
// What sixteenths of a QP do to both, in 2^-kPartBits.
inline constexpr int kPartBits = 16;
extern const std::array<int64_t, kQpParts> kInversePart;
extern const std::array<int64_t, kQpParts> kRootPart;

class Lambda {
 public:
  // `part`: how many sixteenths of a QP more.
  Lambda(int qp, int bit_depth, int part = 0)
      : inverse_((kInverseLambda[static_cast<size_t>(qp % 3)] *
                  kInversePart[static_cast<size_t>(part)]) >>
                 kPartBits),
        root_(((kRootLambda[static_cast<size_t>(qp % 6)] << (qp / 6 + bit_depth - 8)) *
               kRootPart[static_cast<size_t>(part)]) >>
              kPartBits),
        sample_shift_(kInverseLambdaBits - 15 + qp / 3 + 2 * (bit_depth - 8)),
        coefficient_shift_(kInverseLambdaBits - 1 + qp / 3) {}

  // Cost of a sum of squared sample errors.
  int64_t of_sse(int64_t sse) const { return (sse * inverse_) >> sample_shift_; }
  // The sum of squared sample errors that costs as much as a bit, in units of 2^-`bits`.
  int64_t sse_of_bit(int bits) const {
    return (int64_t{1} << (15 + sample_shift_ + bits)) / inverse_;
  }
  int sample_shift() const { return sample_shift_; }
  // Cost of a squared error of transform coefficients is (e^2 * inverse()) >> shift.
  // Square root of lambda in 1/256, for costs that grow with the amplitude.
  int64_t root() const { return root_; }
  int64_t inverse() const { return inverse_; }
  int coefficient_shift(int log2_w, int log2_h) const {
    return coefficient_shift_ - log2_w - log2_h;
  }

 private:
  int64_t inverse_;
  int64_t root_;
  int sample_shift_;
  int coefficient_shift_;
};

}  // namespace feat::vvc
