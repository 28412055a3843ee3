// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/step_size.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "codecs/feature/level_model.h"
#include "codecs/feature/logistic.h"

namespace feat::native {

namespace {

double factor_of(Quantizer quantizer) {
  return quantizer == Quantizer::kDependent ? 0.6 : 0.5;
}

// Ratios of a deviation to the distance of points, in quarter octaves: 2^-8 to 2^24.
constexpr int kMinRatio = -32;
constexpr int kMaxRatio = 96;

// s a deviation in distances: exp(-1.7 / s) * (1 + 0.4 s), about what a Laplacian variable gives.
constexpr std::array<uint32_t, kMaxRatio - kMinRatio + 1> make_priors() {
  std::array<uint32_t, kMaxRatio - kMinRatio + 1> priors{};
  for (int i = kMinRatio; i <= kMaxRatio; ++i) {
    const double s = detail::exponential(i * 0.25 * 0.69314718055994531);
    const double exponent = -1.7 / s;
    const double mean = exponent < -30 ? 0 : detail::exponential(exponent) * (1 + 0.4 * s);
    const double scaled = mean * (1 << kMeanBits);
    uint32_t prior = kMinMean;
    if (scaled > kMinMean)
      prior = scaled < 2147418112.0 ? static_cast<uint32_t>(scaled) : 2147418112U;
    priors[static_cast<size_t>(i - kMinRatio)] = prior;
  }
  return priors;
}
constexpr auto kPriors = make_priors();

// Logarithm to base 2 in quarter octaves, from the bits of a number: the same on every machine.
int quarter_octaves_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return static_cast<int>((bits >> 21) & 0x3FF) - 4 * 127;
}

}  // namespace

double distance_of(int code) {
  return std::exp2(static_cast<double>(code) / kStepCodesPerOctave);
}

int step_code(double step, Quantizer quantizer) {
  const double code = std::round(std::log2(step * factor_of(quantizer)) * kStepCodesPerOctave);
  return static_cast<int>(std::clamp(code, double{kMinStepCode}, double{kMaxStepCode}));
}

double step_of(int code, Quantizer quantizer) {
  return distance_of(code) / factor_of(quantizer);
}

std::vector<uint32_t> prior_means(const std::vector<float> &deviations, int code) {
  const int distance = code >> 6;
  std::vector<uint32_t> means(deviations.size());
  for (size_t k = 0; k < means.size(); ++k) {
    const int ratio =
        std::clamp(quarter_octaves_of(deviations[k]) - distance, kMinRatio, kMaxRatio);
    means[k] = kPriors[static_cast<size_t>(ratio - kMinRatio)];
  }
  return means;
}

}  // namespace feat::native
