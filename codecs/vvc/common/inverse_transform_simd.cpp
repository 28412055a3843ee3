// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/common/transform_basis.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/common/inverse_transform_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"
#include "codecs/vvc/common/transform_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void InverseTransform(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w, int nonzero_h,
                      Kernel horizontal, Kernel vertical, int bit_depth, int32_t *residual) {
  scalar::inverse_transform(coeff, log2_w, log2_h, nonzero_w, nonzero_h, horizontal, vertical,
                            bit_depth, residual);
}

void AddResidual(const uint16_t *pred, ptrdiff_t pred_stride, const int32_t *residual, int width,
                 int height, int bit_depth, uint16_t *recon, ptrdiff_t recon_stride) {
  scalar::add_residual(pred, pred_stride, residual, width, height, bit_depth, recon, recon_stride);
}

#else

constexpr int kMaxCoded = 32;

// First stage, for the columns of one vector: `rows` rows of coefficients become `height` rows of
// 16 bits, kMaxCoded apart.
template <int lines, class D32>
HWY_INLINE void InverseColumns(D32 d32, const int32_t *coeff, int stride, int rows,
                               const TransformBasis &basis, int coded, int height, int16_t *out) {
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d32));
  const hn::Rebind<int16_t, D32> d16;
  HWY_ALIGN int32_t pairs[kMaxCoded / 2 * kLanes];
  const auto low = hn::Set(d32, 0xffff);
  for (int k = 0; k < rows; k += 2, coeff += 2 * stride) {
    const auto upper = hn::And(hn::LoadU(d32, coeff), low);
    const auto lower = hn::ShiftLeft<16>(hn::LoadU(d32, coeff + stride));
    hn::Store(hn::Or(upper, lower), d32, pairs + k / 2 * kLanes);
  }
  const auto *factors = reinterpret_cast<const int16_t *>(pairs);
  const int16_t *samples = basis.by_sample.data();
  for (int y = 0; y < height; y += lines) {
    hn::VFromD<D32> sum[lines][1];
    Multiply(d32, samples + y * coded, coded, rows, factors, 2 * kLanes, 64, sum);
    for (int i = 0; i < lines; ++i) {
      hn::StoreU(hn::DemoteTo(d16, hn::ShiftRight<7>(sum[i][0])), d16, out + (y + i) * kMaxCoded);
    }
  }
}

// Second stage: `columns` coefficients in `height` rows become rows of `width` samples.
template <int lines, int vectors, class D32>
HWY_INLINE void InverseRows(D32 d32, const int16_t *in, int columns, int height,
                            const TransformBasis &basis, int width, int shift, int32_t *residual) {
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(d32));
  const int16_t *function_pairs = basis.function_pairs.data();
  for (int y = 0; y < height; y += lines, in += lines * kMaxCoded) {
    for (int x = 0; x < width; x += vectors * kLanes) {
      hn::VFromD<D32> sum[lines][vectors];
      Multiply(d32, in, kMaxCoded, columns, function_pairs + 2 * x, 2 * width, 1 << (shift - 1),
               sum);
      for (int i = 0; i < lines; ++i) {
        for (int v = 0; v < vectors; ++v) {
          hn::StoreU(hn::ShiftRightSame(sum[i][v], shift), d32,
                     residual + (y + i) * width + x + v * kLanes);
        }
      }
    }
  }
}

using Pair = hn::FixedTag<int32_t, 2>;
using Narrow = hn::FixedTag<int32_t, 4>;
using Wide = hn::CappedTag<int32_t, 8>;
using Widest = hn::CappedTag<int32_t, 16>;

// Second stage with the vectors that suit the width.
template <int lines>
HWY_INLINE void InverseAllRows(const int16_t *in, int columns, int height,
                               const TransformBasis &basis, int width, int shift,
                               int32_t *residual) {
  switch (width) {
    case 2:
      return InverseRows<lines, 1>(Pair(), in, columns, height, basis, width, shift, residual);
    case 4:
      return InverseRows<lines, 1>(Narrow(), in, columns, height, basis, width, shift, residual);
    case 8:
      return InverseRows<lines, 1>(Wide(), in, columns, height, basis, width, shift, residual);
    case 16:
      return InverseRows<lines, 1>(Widest(), in, columns, height, basis, width, shift, residual);
    default:
      return InverseRows<lines, 2>(Widest(), in, columns, height, basis, width, shift, residual);
  }
}

template <int lines>
HWY_INLINE void InverseBlock(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w,
                             int nonzero_h, Kernel horizontal, Kernel vertical, int shift,
                             int32_t *residual) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int coded = coded_points(vertical, log2_h);
  const int columns = std::min((nonzero_w + 1) & ~1, coded_points(horizontal, log2_w));
  const int rows = std::min((nonzero_h + 1) & ~1, coded);
  const TransformBasis &basis = transform_basis(vertical, log2_h);
  alignas(64) int16_t middle[64 * kMaxCoded];
  const auto first = [&](auto d32) HWY_ATTR {
    for (int x = 0; x < columns; x += static_cast<int>(hn::MaxLanes(d32))) {
      InverseColumns<lines>(d32, coeff + x, width, rows, basis, coded, height, middle + x);
    }
  };
  if (width == 2) {
    first(Pair());
  } else if (columns <= 4) {
    first(Narrow());
  } else if (columns <= 8) {
    first(Wide());
  } else {
    first(Widest());
  }
  InverseAllRows<lines>(middle, columns, height, transform_basis(horizontal, log2_w), width, shift,
                        residual);
}

// One row or column.
HWY_INLINE void InverseLine(const int32_t *coeff, int log2_size, int nonzero, Kernel kernel,
                            int shift, int32_t *residual) {
  const int count = std::min((nonzero + 1) & ~1, coded_points(kernel, log2_size));
  int16_t in[kMaxCoded];
  for (int i = 0; i < count; ++i) in[i] = static_cast<int16_t>(coeff[i]);
  InverseAllRows<1>(in, count, 1, transform_basis(kernel, log2_size), 1 << log2_size, shift,
                    residual);
}

void InverseTransform(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w, int nonzero_h,
                      Kernel horizontal, Kernel vertical, int bit_depth, int32_t *residual) {
  const int shift = 20 - bit_depth;
  const bool line = log2_w == 0 || log2_h == 0;
  const bool constant =
      nonzero_w == 1 && nonzero_h == 1 && horizontal == Kernel::kDct2 && vertical == Kernel::kDct2;
  if ((constant && !line) || log2_w + log2_h == 0) {
    scalar::inverse_transform(coeff, log2_w, log2_h, nonzero_w, nonzero_h, horizontal, vertical,
                              bit_depth, residual);
  } else if (log2_w == 0) {
    InverseLine(coeff, log2_h, nonzero_h, vertical, shift + 1, residual);
  } else if (log2_h == 0) {
    InverseLine(coeff, log2_w, nonzero_w, horizontal, shift + 1, residual);
  } else if (log2_h == 1) {
    InverseBlock<2>(coeff, log2_w, log2_h, nonzero_w, nonzero_h, horizontal, vertical, shift,
                    residual);
  } else {
    InverseBlock<4>(coeff, log2_w, log2_h, nonzero_w, nonzero_h, horizontal, vertical, shift,
                    residual);
  }
}

template <class D32>
HWY_INLINE void AddRows(D32 d32, const uint16_t *pred, ptrdiff_t pred_stride,
                        const int32_t *residual, int width, int height, int max_value,
                        uint16_t *recon, ptrdiff_t recon_stride) {
  const hn::Rebind<uint16_t, D32> d16;
  const auto max = hn::Set(d32, max_value);
  for (int y = 0; y < height; ++y, pred += pred_stride, recon += recon_stride) {
    for (int x = 0; x < width;
         x += static_cast<int>(hn::MaxLanes(d32)), residual += hn::Lanes(d32)) {
      const auto sum =
          hn::Add(hn::PromoteTo(d32, hn::LoadU(d16, pred + x)), hn::LoadU(d32, residual));
      // The conversion takes what is negative to 0.
      hn::StoreU(hn::DemoteTo(d16, hn::Min(sum, max)), d16, recon + x);
    }
  }
}

void AddResidual(const uint16_t *pred, ptrdiff_t pred_stride, const int32_t *residual, int width,
                 int height, int bit_depth, uint16_t *recon, ptrdiff_t recon_stride) {
  const int max = (1 << bit_depth) - 1;
  if (width == 1) {
    scalar::add_residual(pred, pred_stride, residual, width, height, bit_depth, recon,
                         recon_stride);
  } else if (width == 2) {
    AddRows(Pair(), pred, pred_stride, residual, width, height, max, recon, recon_stride);
  } else if (width == 4) {
    AddRows(Narrow(), pred, pred_stride, residual, width, height, max, recon, recon_stride);
  } else if (width == 8) {
    AddRows(Wide(), pred, pred_stride, residual, width, height, max, recon, recon_stride);
  } else {
    AddRows(Widest(), pred, pred_stride, residual, width, height, max, recon, recon_stride);
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(InverseTransform);
HWY_EXPORT(AddResidual);

void inverse_transform(const int32_t *coeff, int log2_w, int log2_h, int nonzero_w, int nonzero_h,
                       Kernel horizontal, Kernel vertical, int bit_depth, int32_t *residual) {
  HWY_DYNAMIC_DISPATCH(InverseTransform)
  (coeff, log2_w, log2_h, nonzero_w, nonzero_h, horizontal, vertical, bit_depth, residual);
}

void add_residual(const uint16_t *pred, ptrdiff_t pred_stride, const int32_t *residual, int width,
                  int height, int bit_depth, uint16_t *recon, ptrdiff_t recon_stride) {
  HWY_DYNAMIC_DISPATCH(AddResidual)
  (pred, pred_stride, residual, width, height, bit_depth, recon, recon_stride);
}

}  // namespace feat::vvc

#endif
