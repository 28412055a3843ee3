// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Quantisation steps as units carry them, and what a profile's deviations say about levels at a
// step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace feat::native {

// A distance between points of 2^(code / 256) units of the tensor.
inline constexpr int kStepCodesPerOctave = 256;
inline constexpr int kMinStepCode = -32768;
inline constexpr int kMaxStepCode = 32767;

enum class Quantizer : uint8_t { kScalar, kDependent };

double distance_of(int code);

// A value in distances, bounded to what levels reach with certainty. Values of a wild profile or
// near the largest float need not be numbers, which std::clamp() would let through.
inline float bounded(float distances) {
  constexpr float kMaxPoint = 0x1p28F;
  return distances > -kMaxPoint ? std::min(distances, kMaxPoint) : -kMaxPoint;
}

// The nearest code for a step as users know it, that of a uniform quantiser. Dependent quantisation
// has points at 0.6 of it, the scalar one every second point at half of it: both then
// err about alike.
int step_code(double step, Quantizer quantizer);
double step_of(int code, Quantizer quantizer);

// Mean magnitudes (1/2^kMeanBits) of levels of components with these deviations.
std::vector<uint32_t> prior_means(const std::vector<float> &deviations, int code);

}  // namespace feat::native
