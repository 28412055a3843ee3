// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/matrix.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/feature/matrix_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace feat::native::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void Multiply(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  scalar::multiply(a, b, m, k, n, out);
}

void MultiplyTransposed(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  scalar::multiply_transposed(a, b, m, k, n, out);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// Rows and vectors of the output that are in registers at a time.
constexpr size_t kRows = 6;
constexpr size_t kVectors = 2;

// Up to so many rows of a strip are taken where they stand, more are first put side by side.
constexpr size_t kNearRows = 64;

// `rows` rows of `a` against a strip of kVectors vectors of columns, whose rows are `stride` apart.
template <size_t rows>
HWY_INLINE void MultiplyBlock(const float *HWY_RESTRICT a, const float *HWY_RESTRICT strip,
                              size_t stride, size_t k, float *HWY_RESTRICT out, size_t out_stride) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V sums[rows][kVectors];
  for (auto &row : sums)
    for (V &sum : row) sum = hn::Zero(d);
  for (size_t l = 0; l < k; ++l, strip += stride) {
    float factors[rows];
    bool nothing = true;
    for (size_t i = 0; i < rows; ++i) {
      factors[i] = a[i * k + l];
      nothing &= factors[i] == 0;
    }
    if (nothing) continue;
    const V b0 = hn::LoadU(d, strip);
    const V b1 = hn::LoadU(d, strip + lanes);
    for (size_t i = 0; i < rows; ++i) {
      const V factor = hn::Set(d, factors[i]);
      sums[i][0] = hn::MulAdd(factor, b0, sums[i][0]);
      sums[i][1] = hn::MulAdd(factor, b1, sums[i][1]);
    }
  }
  for (size_t i = 0; i < rows; ++i) {
    hn::StoreU(sums[i][0], d, out + i * out_stride);
    hn::StoreU(sums[i][1], d, out + i * out_stride + lanes);
  }
}

// All rows of `a` against a strip, kRows at a time and then the rest.
HWY_INLINE void MultiplyStrip(const float *a, const float *strip, size_t stride, size_t m, size_t k,
                              float *out, size_t out_stride) {
  size_t i = 0;
  for (; i + kRows <= m; i += kRows)
    MultiplyBlock<kRows>(a + i * k, strip, stride, k, out + i * out_stride, out_stride);
  a += i * k;
  out += i * out_stride;
  switch (m - i) {
    case 5:
      return MultiplyBlock<5>(a, strip, stride, k, out, out_stride);
    case 4:
      return MultiplyBlock<4>(a, strip, stride, k, out, out_stride);
    case 3:
      return MultiplyBlock<3>(a, strip, stride, k, out, out_stride);
    case 2:
      return MultiplyBlock<2>(a, strip, stride, k, out, out_stride);
    case 1:
      return MultiplyBlock<1>(a, strip, stride, k, out, out_stride);
    default:
      return;
  }
}

void Multiply(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  const size_t width = kVectors * hn::Lanes(D());
  std::vector<float> strip;
  std::vector<float> edge;
  for (size_t j = 0; j < n; j += width) {
    const size_t columns = std::min(width, n - j);
    if (columns == width && k <= kNearRows) {
      MultiplyStrip(a, b + j, n, m, k, out + j, n);
      continue;
    }
    strip.resize(k * width);
    for (size_t l = 0; l < k; ++l) std::copy_n(b + l * n + j, columns, strip.data() + l * width);
    if (columns == width) {
      MultiplyStrip(a, strip.data(), width, m, k, out + j, n);
      continue;
    }
    edge.resize(m * width);
    MultiplyStrip(a, strip.data(), width, m, k, edge.data(), width);
    for (size_t i = 0; i < m; ++i) std::copy_n(edge.data() + i * width, columns, out + i * n + j);
  }
}

constexpr size_t kSide = 4;

// The products of `rows` rows of `a` with kSide rows of `b`.
template <size_t rows>
HWY_INLINE void TransposedBlock(const float *HWY_RESTRICT a, const float *HWY_RESTRICT b, size_t k,
                                size_t columns, float *HWY_RESTRICT out, size_t out_stride) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V sums[rows][kSide];
  for (auto &row : sums)
    for (V &sum : row) sum = hn::Zero(d);
  const float *lines[kSide];
  for (size_t j = 0; j < kSide; ++j) lines[j] = b + std::min(j, columns - 1) * k;
  size_t l = 0;
  for (; l + lanes <= k; l += lanes) {
    V right[kSide];
    for (size_t j = 0; j < kSide; ++j) right[j] = hn::LoadU(d, lines[j] + l);
    for (size_t i = 0; i < rows; ++i) {
      const V left = hn::LoadU(d, a + i * k + l);
      for (size_t j = 0; j < kSide; ++j) sums[i][j] = hn::MulAdd(left, right[j], sums[i][j]);
    }
  }
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      float sum = hn::GetLane(hn::SumOfLanes(d, sums[i][j]));
      for (size_t r = l; r < k; ++r) sum += a[i * k + r] * lines[j][r];
      out[i * out_stride + j] = sum;
    }
  }
}

void MultiplyTransposed(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  for (size_t j = 0; j < n; j += kSide) {
    const size_t columns = std::min(kSide, n - j);
    size_t i = 0;
    for (; i + kSide <= m; i += kSide)
      TransposedBlock<kSide>(a + i * k, b + j * k, k, columns, out + i * n + j, n);
    for (; i < m; ++i) TransposedBlock<1>(a + i * k, b + j * k, k, columns, out + i * n + j, n);
  }
}

#endif

}  // namespace feat::native::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::native {

HWY_EXPORT(Multiply);
HWY_EXPORT(MultiplyTransposed);

void multiply(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  HWY_DYNAMIC_DISPATCH(Multiply)(a, b, m, k, n, out);
}

void multiply_transposed(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  HWY_DYNAMIC_DISPATCH(MultiplyTransposed)(a, b, m, k, n, out);
}

}  // namespace feat::native

#endif
