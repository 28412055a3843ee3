// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>

#include "codecs/feature/learn/learn_report.h"

namespace feat::native {

// Bits for each of the `variances` at a mean squared error of `distortion`, for independent
// Gaussian numbers: reverse water-filling. Variances of 0 cost nothing.
double gaussian_rate(std::span<const double> variances, double distortion);

// Fills the report's curve and coding gain from its variances and correlations.
void fill_rates(LearnReport &report);

}  // namespace feat::native
