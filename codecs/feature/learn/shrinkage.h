// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace feat::native {

// Variances that the directions of a sample covariance's eigenvectors have in samples to come, from
// its eigenvalues (falling) and the number of independent samples. The large ones of the sample
// are too large, the small ones too small. Only the first `directions` stand for any variance.
// The result falls as well. Ledoit and Wolf, "Analytical nonlinear shrinkage of large-dimensional
// covariance matrices", 2020.
std::vector<double> shrink_eigenvalues(const std::vector<double> &eigenvalues, size_t directions,
                                       double samples);

// The falling sequence that is nearest to `values` (least squares).
void make_falling(std::vector<double> &values);

}  // namespace feat::native
