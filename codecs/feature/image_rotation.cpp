// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_rotation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "codecs/feature/matrix.h"

namespace feat::native {

namespace {

constexpr double kPi = 3.14159265358979323846;

// Turns two rows of a matrix: the first towards the second.
void turn(double *first, double *second, size_t size, double angle) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  for (size_t i = 0; i < size; ++i) {
    const double a = first[i];
    first[i] = c * a + s * second[i];
    second[i] = c * second[i] - s * a;
  }
}

}  // namespace

Angles quantise_rotation(std::vector<double> matrix, size_t channels, int bits) {
  Angles angles{bits, {}};
  angles.indices.reserve(angle_count(channels));
  const double unit = kPi / (1 << bits);
  const int32_t limit = 1 << (bits - 1);
  const auto row = [&](size_t r) { return matrix.data() + r * channels; };
  for (size_t column = 0; column + 1 < channels; ++column) {
    for (size_t r = channels - 1; r > column; --r) {
      // A column's sign is free: with its head positive, angles stay within a quarter turn.
      if (row(column)[column] < 0) {
        for (size_t i = 0; i < channels; ++i) row(i)[column] = -row(i)[column];
      }
      const double angle = std::atan2(row(r)[column], row(column)[column]);
      const int32_t index =
          std::clamp(static_cast<int32_t>(std::lround(angle / unit)), -limit, limit);
      angles.indices.push_back(index);
      turn(row(column), row(r), channels, index * unit);
    }
  }
  return angles;
}

std::vector<float> rotation_of(const Angles &angles, size_t channels) {
  std::vector<double> matrix(channels * channels, 0.0);
  for (size_t c = 0; c < channels; ++c) matrix[c * channels + c] = 1;
  const double unit = kPi / (1 << angles.bits);
  size_t next = angles.indices.size();
  for (size_t column = channels - 1; column-- > 0;) {
    for (size_t r = column + 1; r < channels; ++r)
      turn(matrix.data() + column * channels, matrix.data() + r * channels, channels,
           -angles.indices[--next] * unit);
  }
  std::vector<float> rotation(matrix.size());
  for (size_t i = 0; i < channels; ++i) {
    for (size_t j = 0; j < channels; ++j)
      rotation[j * channels + i] = static_cast<float>(matrix[i * channels + j]);
  }
  return rotation;
}

void rotate(const std::vector<float> &rotation, size_t channels, size_t stride, size_t size,
            float *values) {
  std::vector<float> before(channels * size);
  std::vector<float> after(channels * size);
  for (size_t c = 0; c < channels; ++c)
    std::copy_n(values + c * stride, size, before.data() + c * size);
  multiply(rotation.data(), before.data(), channels, channels, size, after.data());
  for (size_t c = 0; c < channels; ++c)
    std::copy_n(after.data() + c * size, size, values + c * stride);
}

double cost_of(const Angles &angles, size_t channels) {
  double cost = 4;
  const int32_t limit = 1 << (angles.bits - 1);
  std::vector<int32_t> indices = angles.indices;
  each_angle(channels, angles.bits, indices, [&](const AngleChances &chances, int32_t index) {
    const auto bits = [](double chance) { return kProbabilityBits - std::log2(chance); };
    const int32_t magnitude = std::abs(index);
    if (magnitude == 0) {
      cost += bits(kProbabilityOne - chances.any);
      return;
    }
    cost += bits(chances.any) + (magnitude - 1) * bits(chances.more) + 1;
    if (magnitude < limit) cost += bits(kProbabilityOne - chances.more);
  });
  return cost;
}

std::vector<float> inverse_of(const std::vector<float> &rotation, size_t channels) {
  std::vector<float> inverse(rotation.size());
  for (size_t i = 0; i < channels; ++i) {
    for (size_t j = 0; j < channels; ++j) inverse[j * channels + i] = rotation[i * channels + j];
  }
  return inverse;
}

}  // namespace feat::native
