// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/basis.h"

#include <cmath>
#include <vector>

#include "codecs/feature/matrix.h"

namespace feat::native {

namespace {

// A profile's basis gives a row back with an error of about this part of the row.
constexpr float kBasisError = 0.01F;
// Errors of components may be this part of the distance between points.
constexpr float kAllowedError = 0.1F;

// The means of a row's components, null where it has none.
const float *means_of(const ProfileData &profile, size_t row) {
  return row < profile.positions ? profile.position_means.data() + row * profile.components
                                 : nullptr;
}

}  // namespace

void analyse(const ProfileData &profile, const float *channels, size_t rows, size_t first_row,
             float distance, float *components) {
  const size_t width = profile.channels;
  std::vector<float> centred(rows * width);
  double energy = 0;
  for (size_t t = 0; t < rows; ++t) {
    for (size_t c = 0; c < width; ++c) {
      float value = channels[t * width + c] - profile.mean[c];
      if (!profile.weights.empty()) value *= profile.weights[c];
      centred[t * width + c] = value;
      energy += double{value} * value;
    }
  }
  const size_t count = profile.components;
  multiply_transposed(centred.data(), profile.basis.data(), rows, width, count, components);
  const double spread = std::sqrt(energy / static_cast<double>(centred.size()));
  float error = kBasisError * static_cast<float>(spread);
  for (int i = 0; i < 3 && error > kAllowedError * distance; ++i, error *= kBasisError) {
    std::vector<float> back(rows * width);
    std::vector<float> more(rows * count);
    multiply(components, profile.basis.data(), rows, count, width, back.data());
    for (size_t j = 0; j < back.size(); ++j) back[j] = centred[j] - back[j];
    multiply_transposed(back.data(), profile.basis.data(), rows, width, count, more.data());
    for (size_t j = 0; j < more.size(); ++j) components[j] += more[j];
  }
  for (size_t t = 0; t < rows; ++t) {
    const float *means = means_of(profile, first_row + t);
    for (size_t k = 0; means != nullptr && k < count; ++k) components[t * count + k] -= means[k];
  }
}

void synthesise(const ProfileData &profile, const float *components, size_t rows, size_t first_row,
                float *channels) {
  const size_t count = profile.components;
  const size_t width = profile.channels;
  std::vector<float> full(components, components + rows * count);
  for (size_t t = 0; t < rows; ++t) {
    const float *means = means_of(profile, first_row + t);
    for (size_t k = 0; means != nullptr && k < count; ++k) full[t * count + k] += means[k];
  }
  multiply(full.data(), profile.basis.data(), rows, count, width, channels);
  for (size_t t = 0; t < rows; ++t) {
    for (size_t c = 0; c < width; ++c) {
      float &value = channels[t * width + c];
      if (!profile.weights.empty()) value /= profile.weights[c];
      value += profile.mean[c];
    }
  }
}

}  // namespace feat::native
