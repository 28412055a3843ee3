// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Orthonormal transform of one channel of a picture: filters across the edges between blocks, then
// a DCT of each block.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "codecs/feature/image_blocks.h"

namespace feat::native {

class ImageTransform {
 public:
  explicit ImageTransform(const BlockGrid &grid);

  // The samples of channel `channel` of `channels` to coefficients of the picture, and back.
  void forward(const float *samples, size_t channels, size_t channel, float *coefficients) const;
  void inverse(const float *coefficients, size_t channels, size_t channel, float *samples) const;

 private:
  // A DCT and its inverse.
  struct Basis {
    std::vector<float> forward;
    std::vector<float> inverse;
  };
  const Basis &rows_basis(size_t row) const { return rows_[row + 1 == grid_.rows().size()]; }
  const Basis &columns_basis(size_t column) const {
    return columns_[column + 1 == grid_.columns().size()];
  }
  void filter_edges(float *samples, bool inverse) const;

  const BlockGrid &grid_;
  // Of 32 and of the last block.
  std::array<Basis, 2> rows_;
  std::array<Basis, 2> columns_;
};

}  // namespace feat::native
