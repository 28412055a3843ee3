// SPDX-License-Identifier: LGPL-2.1-or-later
// Quantised tensors as pictures, and back.
#pragma once

#include <cstddef>

namespace feat {

// The tensor as images x channels x height x width; the picture has images * grid_rows * height
// rows of grid_columns * width samples, with channel r * grid_columns + c of each image at row r,
// column c of its grid.
struct PictureLayout {
  std::size_t images = 1;
  std::size_t channels = 1;
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t grid_rows = 1;
  std::size_t grid_columns = 1;
};

// A plane of samples of 1 or 2 bytes that hold a code shifted up by shift bits.
struct PlaneFormat {
  unsigned bytes = 2;
  unsigned shift = 0;
};

// code_bytes is 1 or 2; cells of the grid without a channel are filled with zero.
void pack_plane(const PictureLayout &layout, const void *codes, unsigned code_bytes, void *plane,
                std::ptrdiff_t stride, PlaneFormat format);

// Samples are shifted down; what is above max_code, which no packed picture has, becomes max_code.
void unpack_plane(const PictureLayout &layout, const void *plane, std::ptrdiff_t stride,
                  PlaneFormat format, void *codes, unsigned code_bytes, unsigned max_code);

// Fills rows of n samples with one value.
void fill_plane(void *plane, std::ptrdiff_t stride, std::size_t rows, std::size_t n, unsigned bytes,
                unsigned value);

}  // namespace feat
