// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What learning a profile showed, for people.
#pragma once

#include <cstdint>
#include <vector>

namespace feat::native {

// Bits for each value at a distortion, for Gaussian components (reverse water-filling).
struct RatePoint {
  double snr_db = 0;         // variance of all values over mean squared error
  double one_variance = 0;   // all values alike
  double per_channel = 0;    // a mean and variance for each channel
  double profile = 0;        // components of the profile
  double with_previous = 0;  // and each predicted from the row before
};

struct LearnReport {
  uint64_t features = 0;
  uint64_t rows = 0;
  uint32_t channels = 0;
  uint32_t components = 0;
  uint32_t positions = 0;
  double variance = 0;                    // of a value, mean over the channels
  double independent_rows = 0;            // how many rows without correlation would tell as much
  double position_bits = 0;               // that means of positions save for each value
  double coding_gain_db = 0;              // of the profile over variances of the channels
  std::vector<double> channel_variances;  // by channel
  std::vector<double> eigenvalues;        // of the samples, falling
  std::vector<double> variances;          // to be expected of features to come, falling
  std::vector<double> correlations;       // of each component with the row before
  std::vector<RatePoint> curve;
};

}  // namespace feat::native
