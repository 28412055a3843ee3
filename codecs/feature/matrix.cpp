// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/matrix.h"

namespace feat::native::scalar {

void multiply(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j) out[i * n + j] = 0;
    for (size_t l = 0; l < k; ++l) {
      const float factor = a[i * k + l];
      if (factor == 0) continue;
      for (size_t j = 0; j < n; ++j) out[i * n + j] += factor * b[l * n + j];
    }
  }
}

void multiply_transposed(const float *a, const float *b, size_t m, size_t k, size_t n, float *out) {
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j) {
      float sum = 0;
      for (size_t l = 0; l < k; ++l) sum += a[i * k + l] * b[j * k + l];
      out[i * n + j] = sum;
    }
  }
}

}  // namespace feat::native::scalar
