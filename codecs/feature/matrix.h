// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Products of float matrices, row by row in memory.
#pragma once

#include <cstddef>

namespace feat::native {

// out[m][n] = sum over k of a[m][k] * b[k][n]. Zeros in `a` cost next to nothing.
void multiply(const float *a, const float *b, size_t m, size_t k, size_t n, float *out);

// out[m][n] = sum over k of a[m][k] * b[n][k].
void multiply_transposed(const float *a, const float *b, size_t m, size_t k, size_t n, float *out);

namespace scalar {
void multiply(const float *a, const float *b, size_t m, size_t k, size_t n, float *out);
void multiply_transposed(const float *a, const float *b, size_t m, size_t k, size_t n, float *out);
}  // namespace scalar

}  // namespace feat::native
