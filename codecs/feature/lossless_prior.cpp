// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_prior.h"

#include <algorithm>
#include <cstdlib>

namespace feat::native::lossless {
namespace {

// The logistic distribution with a mean absolute error of 1 has the scale 1 / (2 ln 2).
constexpr double kLn2 = 0.69314718055994530942;
constexpr double kUnit = 2 * kLn2;

constexpr int32_t fixed(double x) {
  return static_cast<int32_t>(x * (1 << kPriorBits) + (x < 0 ? -0.5 : 0.5));
}

constexpr double exponential(double x) {
  double term = 1.0;
  double sum = 1.0;
  for (int n = 1; n < 16; ++n) {
    term *= x / 64 / n;
    sum += term;
  }
  for (int i = 0; i < 6; ++i) sum *= sum;
  return sum;
}

constexpr double logarithm(double x) {
  double result = 0;
  while (x > 1.5) {
    x /= 2;
    result += kLn2;
  }
  while (x < 0.75) {
    x *= 2;
    result -= kLn2;
  }
  const double ratio = (x - 1) / (x + 1);
  double power = ratio;
  for (int n = 1; n < 24; n += 2) {
    result += 2 * power / n;
    power *= ratio * ratio;
  }
  return result;
}

// ln(1 + e^-x) for x in 1/16.
constexpr int kSoftBits = 4;
constexpr int kSoftEntries = 160;
constexpr auto kSoft = [] {
  std::array<int32_t, kSoftEntries> table{};
  for (int i = 0; i < kSoftEntries; ++i)
    table[static_cast<size_t>(i)] =
        fixed(logarithm(1 + exponential(-static_cast<double>(i) / (1 << kSoftBits))));
  return table;
}();

struct Width {
  int32_t value = 0;   // in scales of the distribution
  int32_t within = 0;  // -ln(1 - e^-value)
};

constexpr auto kWidths = [] {
  std::array<Width, kPriorLevels> table{};
  // The level is a ratio rounded up by a quarter of an octave on average: 2^-0.25.
  double width = 0.84089641525371454303 * kUnit;
  for (int i = 0; i < kPriorLevelZero; ++i) width *= 0.70710678118654752440;
  for (Width &entry : table) {
    entry.value = fixed(width);
    entry.within = fixed(width > 20 ? 0 : -logarithm(1 - exponential(-width)));
    width *= 1.41421356237309504880;
  }
  return table;
}();

constexpr int32_t kStep = fixed(kUnit / 2);

int32_t soft(int32_t x) {
  const int32_t index =
      (std::abs(x) + (1 << (kPriorBits - kSoftBits - 1))) >> (kPriorBits - kSoftBits);
  return index < kSoftEntries ? kSoft[static_cast<size_t>(index)] : 0;
}

const Width &width_of(int level) {
  return kWidths[static_cast<size_t>(std::clamp(level + kPriorLevelZero, 0, kPriorLevels - 1))];
}

}  // namespace

// P(x >= t) / P(t - w <= x < t) for the distribution function 1 / (1 + e^-x).
int32_t odds_of_reaching(int steps, int level) {
  const int32_t threshold = steps * kStep;
  const Width &width = width_of(level);
  const int32_t from = threshold - width.value;
  return (std::abs(from) - threshold - width.value) / 2 + soft(from) + width.within;
}

// P(t <= x < t + w) / P(t - w <= x < t) = cosh((t - w) / 2) / cosh((t + w) / 2).
int32_t odds_of_upper(int steps, int level) {
  const int32_t threshold = steps * kStep;
  const int32_t low = threshold - width_of(level).value;
  const int32_t high = threshold + width_of(level).value;
  return (std::abs(low) - std::abs(high)) / 2 + soft(low) - soft(high);
}

int32_t odds_of_less(int steps) {
  return steps * kStep;
}

}  // namespace feat::native::lossless
