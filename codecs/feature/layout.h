// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How a tensor is taken apart: into matrices of rows, and these into jobs that are coded
// independently of each other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/feature_codec.h"

namespace feat::native {

// The last dimension is the columns, the one before it the rows, the others count matrices.
struct MatrixShape {
  uint64_t matrices = 1;
  uint64_t rows = 1;
  uint64_t columns = 1;
  explicit MatrixShape(std::span<const uint32_t> shape);
  uint64_t points() const { return matrices * rows * columns; }
};

// Whole matrices one after the other, or some rows of one.
struct Job {
  uint64_t first_matrix = 0;
  uint64_t matrices = 1;
  uint64_t first_row = 0;
  uint64_t rows = 0;
};

// Jobs of about 2^19 points: small matrices together, large ones in parts unless they must stay
// `whole`. Depends on nothing but the shape.
std::vector<Job> split_jobs(const MatrixShape &shape, bool whole);

// A grid of places behind some rows of another kind (class or register tokens).
struct Grid {
  uint32_t special_rows = 0;
  uint32_t height = 0;  // 0: none
};

// All grids that `rows` can be: at most eight rows in front, and neither side longer than twice the
// other.
std::vector<Grid> grids_of(uint64_t rows);

// The likeliest grid, and the bits a point that a transform over it saves, estimated from some of
// the channels of the matrix with most energy; `distance`: between points.
struct GridChoice {
  Grid grid;
  double gain = 0;
};
GridChoice choose_grid(const MatrixShape &shape, std::span<const float> values, double distance);

// Whether matrices have channels of like spread, so that one can go on with the other's statistics.
bool spreads_agree(const MatrixShape &shape, std::span<const float> values);

// Spread of the values around the means of their columns: what the deviation of a normal variable
// would be with their mean absolute deviation.
double spread_of(const MatrixShape &shape, std::span<const float> values);

}  // namespace feat::native
