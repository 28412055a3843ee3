// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Scaling and inverse transforms (clauses 8.7.3 to 8.7.5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace feat::vvc {

// Basis functions of the DCT-II of 64 points, row = frequency (equation 1180); the matrix of a
// shorter transform of n points is every (64 / n)-th row, first n columns.
using Dct2Matrix = std::array<std::array<int8_t, 64>, 64>;
extern const Dct2Matrix kDct2;

// Scales the levels of a transform block of 2^log2_w x 2^log2_h (stride 2^log2_w) in place to
// transform coefficients (clause 8.7.3): flat scaling lists, `qp` including the bit depth's
// offset. With `dep_quant` the levels are reconstructed by the state machine in scan order; with
// `transform_skip` scalar with the shift of transform-skipped blocks and a QP of at least 4.
struct ScalingParams {
  int qp;
  int bit_depth;
  bool dep_quant;
  bool transform_skip;
};
//
// Levels beyond 16 bits are out of the standard's range.
void scale_coefficients(int32_t *coeff, int log2_w, int log2_h, const ScalingParams &params);

// What scale_coefficients() does to one level: with dependent quantisation the level is
// 2 * |level| - (state > 1 ? 1 : 0), with the sign.
struct Scaler {
  Scaler(int log2_w, int log2_h, const ScalingParams &params);
  int32_t operator()(int32_t level) const;
  // The same with a factor of a scaling list in place of the flat 16.
  int32_t operator()(int32_t level, int factor) const;

 private:
  int64_t scale_;
  int64_t round_;
  int shift_;
};

// Kernels of the inverse transforms (clause 8.7.4.4).
enum class Kernel : uint8_t { kDct2, kDst7, kDct8 };

// That of a side with implicit MTS (clause 8.7.4.4).
inline Kernel implicit_kernel(int log2_side) {
  return log2_side >= 2 && log2_side <= 4 ? Kernel::kDst7 : Kernel::kDct2;
}

// Inverse transform with a kernel for either direction; DST-VII and DCT-VIII have 4 to 32 points,
// of which at most the first 16 coefficients are not zero. `nonzero_w` and `nonzero_h` bound the
// coefficients that are not zero, the others are zero. Result: residual samples, stride 2^log2_w.
void inverse_transform(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w, int nonzero_h,
                       Kernel horizontal, Kernel vertical, int bit_depth, int32_t *residual);

// Basis functions of the DST-VII of 4, 8, 16 and 32 points, one matrix after the other, row =
// frequency. Those of the DCT-VIII are the same mirrored, the odd ones negated.
const int8_t *dst7_matrix(int log2_size);

// Inverse of transform skip: the scaled levels are the residual.
void inverse_transform_skip(const int32_t *coeff, int log2_w, int log2_h, int bit_depth,
                            int32_t *residual);

// Adds the residual to the prediction, clipped to the bit depth, into the reconstruction.
void add_residual(const uint16_t *pred, ptrdiff_t pred_stride, const int32_t *residual, int width,
                  int height, int bit_depth, uint16_t *recon, ptrdiff_t recon_stride);

namespace scalar {

void inverse_transform(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w, int nonzero_h,
                       Kernel horizontal, Kernel vertical, int bit_depth, int32_t *residual);
void add_residual(const uint16_t *pred, ptrdiff_t pred_stride, const int32_t *residual, int width,
                  int height, int bit_depth, uint16_t *recon, ptrdiff_t recon_stride);

}  // namespace scalar
}  // namespace feat::vvc
