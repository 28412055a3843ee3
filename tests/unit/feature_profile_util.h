// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Numbers for the tests of profiles.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace feat::native {

using Numbers = std::vector<double>;

inline Numbers normal_numbers(std::mt19937 &random, size_t count) {
  std::normal_distribution<double> normal;
  Numbers numbers(count);
  for (double &number : numbers) number = normal(random);
  return numbers;
}

// Rows of a random orthonormal matrix (Gram and Schmidt).
inline Numbers orthonormal_rows(std::mt19937 &random, size_t rows, size_t columns) {
  Numbers basis = normal_numbers(random, rows * columns);
  for (size_t k = 0; k < rows; ++k) {
    double *row = &basis[k * columns];
    for (size_t other = 0; other <= k; ++other) {
      const double *against = &basis[other * columns];
      double product = 0;
      for (size_t c = 0; c < columns; ++c) product += row[c] * against[c];
      if (other == k) {
        for (size_t c = 0; c < columns; ++c) row[c] /= std::sqrt(product);
      } else {
        for (size_t c = 0; c < columns; ++c) row[c] -= product * against[c];
      }
    }
  }
  return basis;
}

}  // namespace feat::native
