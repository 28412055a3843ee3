// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Orthonormal DCT-II of the places of a grid, each place a vector of channels.
#pragma once

#include <cstddef>
#include <vector>

namespace feat::native {

// basis[f * size + x]: frequency f at place x.
std::vector<float> dct_basis(size_t size);

class GridTransform {
 public:
  GridTransform(size_t height, size_t width);

  // places[(y * width + x) * channels + c] to frequencies in coding order and back; both may be the
  // same memory.
  void forward(const float *places, size_t channels, float *frequencies);
  void inverse(const float *frequencies, size_t channels, float *places);

 private:
  template <class Each>
  void for_strips(size_t channels, Each &&each);

  const size_t height_;
  const size_t width_;
  std::vector<float> rows_;     // basis over y
  std::vector<float> columns_;  // basis over x
  std::vector<float> rows_inverse_;
  std::vector<float> columns_inverse_;
  std::vector<size_t> order_;  // place in the plain order of the frequencies in coding order
  std::vector<float> block_;   // a strip of channels
  std::vector<float> scratch_;
};

}  // namespace feat::native
