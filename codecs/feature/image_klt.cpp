// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_klt.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

#include "codecs/feature/matrix.h"

namespace feat::native {

namespace {

constexpr int kSweeps = 12;
constexpr std::array<int, 3> kTriedBits = {5, 4, 6};
// What a level that is not zero takes at least.
constexpr float kLevelBits = 3.5F;

// Eigenvectors of a symmetric matrix as columns by falling eigenvalue, by Jacobi's rotations.
std::vector<double> eigenvectors(std::vector<double> a, size_t n) {
  std::vector<double> vectors(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) vectors[i * n + i] = 1;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    double off = 0;
    double on = 0;
    for (size_t p = 0; p < n; ++p) {
      on += a[p * n + p] * a[p * n + p];
      for (size_t q = p + 1; q < n; ++q) off += a[p * n + q] * a[p * n + q];
    }
    if (off <= 1e-18 * on) break;
    for (size_t p = 0; p + 1 < n; ++p) {
      for (size_t q = p + 1; q < n; ++q) {
        const double apq = a[p * n + q];
        if (apq == 0) continue;
        const double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        const double t =
            (theta < 0 ? -1.0 : 1.0) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1);
        const double s = t * c;
        for (size_t i = 0; i < n; ++i) {
          const double x = a[i * n + p];
          const double y = a[i * n + q];
          a[i * n + p] = c * x - s * y;
          a[i * n + q] = s * x + c * y;
          const double v = vectors[i * n + p];
          const double w = vectors[i * n + q];
          vectors[i * n + p] = c * v - s * w;
          vectors[i * n + q] = s * v + c * w;
        }
        for (size_t i = 0; i < n; ++i) {
          const double x = a[p * n + i];
          const double y = a[q * n + i];
          a[p * n + i] = c * x - s * y;
          a[q * n + i] = s * x + c * y;
        }
      }
    }
  }
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return a[i * n + i] > a[j * n + j]; });
  std::vector<double> sorted(n * n);
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = 0; i < n; ++i) sorted[i * n + j] = vectors[i * n + order[j]];
  }
  return sorted;
}

// Calls each(kind, first k, number of them, coefficients of the block) for one half of each block.
template <class Each>
void each_block(const CoefficientImages &images, size_t half, Each &&each) {
  const BlockGrid &grid = images.grid;
  const float *image = images.coefficients;
  for (size_t i = 0; i < images.count;
       ++i, image += images.channels * grid.height() * grid.width()) {
    for (size_t r = 0; r < grid.rows().size(); ++r) {
      for (size_t c = 0; c < grid.columns().size(); ++c) {
        const BlockKind &kind = grid.kind(r, c);
        const size_t first = half == 0 ? 0 : kind.split;
        const size_t count = half == 0 ? kind.split : kind.size() - kind.split;
        if (count > 0) each(kind, first, count, image + images.channels * grid.offset(r, c));
      }
    }
  }
}

// Second moments of the channels' coefficients in one half. Each diagonal counts by how far it
// stands above the noise.
std::vector<double> moments_of(const CoefficientImages &images, size_t half, float distance) {
  const size_t channels = images.channels;
  struct Moments {
    std::vector<double> products;
    double count = 0;
  };
  std::array<Moments, kDiagonals> diagonals;
  std::vector<float> gathered;
  std::vector<float> products(channels * channels);
  each_block(images, half,
             [&](const BlockKind &kind, size_t start, size_t size, const float *block) {
               for (size_t first = start; first < start + size;) {
                 size_t end = first + 1;
                 while (end < start + size && kind.diagonal[end] == kind.diagonal[first]) ++end;
                 const size_t count = end - first;
                 gathered.resize(channels * count);
                 for (size_t c = 0; c < channels; ++c)
                   std::copy_n(block + c * kind.size() + first, count, gathered.data() + c * count);
                 multiply_transposed(gathered.data(), gathered.data(), channels, count, channels,
                                     products.data());
                 Moments &moments = diagonals[kind.diagonal[first]];
                 moments.products.resize(products.size());
                 for (size_t i = 0; i < products.size(); ++i) moments.products[i] += products[i];
                 moments.count += static_cast<double>(count);
                 first = end;
               }
             });
  std::vector<double> sum(products.size());
  for (const Moments &moments : diagonals) {
    if (moments.count == 0) continue;
    double trace = 0;
    for (size_t c = 0; c < channels; ++c) trace += moments.products[c * channels + c];
    const double mean = trace / (moments.count * static_cast<double>(channels));
    const double weight = 1 / (mean + double{distance} * distance);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += weight * moments.products[i];
  }
  return sum;
}

// These two are for vectors: compilers do not compare floats in them, since that may trap.
// About the logarithm to base 2, at least 0; of what is not negative.
float rough_logarithm(float value) {
  const int32_t bits = std::bit_cast<int32_t>(value) - 0x3F800000;
  return static_cast<float>(bits > 0 ? bits : 0) * (1.0F / (1 << 23));
}

// The smaller of two that are not negative.
float smaller(float a, float b) {
  const auto first = std::bit_cast<int32_t>(a);
  const auto second = std::bit_cast<int32_t>(b);
  return std::bit_cast<float>(first < second ? first : second);
}

float sum_of(std::span<const float> values) {
  // Several sums side by side, for vectors.
  std::array<float, 8> sums{};
  size_t i = 0;
  for (; i + sums.size() <= values.size(); i += sums.size()) {
    for (size_t j = 0; j < sums.size(); ++j) sums[j] += values[i + j];
  }
  for (; i < values.size(); ++i) sums[0] += values[i];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

// About the bits that coefficients will take, their errors counted as bits.
double estimate(const CoefficientImages &images, size_t half, float distance, float lambda,
                const std::vector<float> &rotation) {
  const float scale = 1 / (distance * distance);
  const float worth = 1 / lambda;
  const float least = worth + kLevelBits;
  std::vector<float> turned;
  double bits = 0;
  each_block(images, half,
             [&](const BlockKind &kind, size_t first, size_t count, const float *block) {
               turned.resize(images.channels * count);
               for (size_t c = 0; c < images.channels; ++c)
                 std::copy_n(block + c * kind.size() + first, count, turned.data() + c * count);
               if (!rotation.empty())
                 rotate(rotation, images.channels, count, count, turned.data());
               for (float &value : turned) {
                 const float square = value * value * scale;
                 const float coded = least + 0.5F * rough_logarithm(square);
                 value = smaller(square * worth, coded);
               }
               bits += sum_of(turned);
             });
  return bits;
}

}  // namespace

Angles choose_angles(const CoefficientImages &images, size_t half, float distance, float lambda,
                     bool thorough) {
  const std::vector<double> moments = moments_of(images, half, distance);
  const std::vector<double> vectors = eigenvectors(moments, images.channels);
  Angles best;
  double least = estimate(images, half, distance, lambda, {});
  for (size_t i = 0; i < (thorough ? kTriedBits.size() : 1); ++i) {
    const int bits = kTriedBits[i];
    Angles angles = quantise_rotation(vectors, images.channels, bits);
    const double cost =
        cost_of(angles, images.channels) +
        estimate(images, half, distance, lambda, rotation_of(angles, images.channels));
    if (cost < least) {
      least = cost;
      best = std::move(angles);
    }
  }
  return best;
}

}  // namespace feat::native
