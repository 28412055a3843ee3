// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <limits>

#include "codecs/rans/rans.h"

namespace feat::rans {

namespace {

constexpr int kTotal = 1 << kPrecision;
constexpr double kTail = 1.0 / kTotal;
constexpr int kMaxOwn = kMaxSymbols - 1;  // values, or groups of values, that are no escapes

// What a frequency that is one higher saves, and what one that is one lower costs, in nats.
double gain(double p, int frequency) {
  return p * std::log1p(1.0 / frequency);
}
double loss(double p, int frequency) {
  return frequency > 1 ? -p * std::log1p(-1.0 / frequency)
                       : std::numeric_limits<double>::infinity();
}

template <typename Cost>
size_t best(const std::vector<double> &p, const std::vector<int> &frequencies, double sign,
            const Cost &cost) {
  size_t at = 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < p.size(); ++i) {
    const double c = sign * cost(p[i], frequencies[i]);
    if (c < least) {
      least = c;
      at = i;
    }
  }
  return at;
}

// The frequencies of the smallest cost: the cost is convex in each of them, so that nothing is
// better once no exchange of one is.
std::vector<uint16_t> normalise(std::vector<double> weights) {
  double sum = 0;
  for (const double w : weights) sum += w;
  for (double &w : weights) w = sum > 0 ? w / sum : 1.0 / static_cast<double>(weights.size());
  std::vector<int> frequencies;
  int total = 0;
  for (const double p : weights) {
    frequencies.push_back(std::max(1, static_cast<int>(std::lround(p * kTotal))));
    total += frequencies.back();
  }
  for (;;) {
    const size_t up = best(weights, frequencies, -1, gain);
    const size_t down = best(weights, frequencies, 1, loss);
    // By more than the arithmetic may err, or there would be no end.
    constexpr double kMargin = 1 + 1e-9;
    if (total == kTotal &&
        gain(weights[up], frequencies[up]) <= kMargin * loss(weights[down], frequencies[down]))
      break;
    const int missing = kTotal - total;
    if (missing >= 0) ++frequencies[up];
    if (missing <= 0) --frequencies[down];
    total += (missing > 0) - (missing < 0);
  }
  return {frequencies.begin(), frequencies.end()};
}

// Of a Gaussian of deviation 1 to be in [from, to).
double probability(double from, double to) {
  if (from < 0 && to > 0) return (std::erf(to * M_SQRT1_2) - std::erf(from * M_SQRT1_2)) / 2;
  if (to <= 0) return probability(-to, -from);
  return (std::erfc(from * M_SQRT1_2) - std::erfc(to * M_SQRT1_2)) / 2;
}

}  // namespace

Distribution gaussian(double sigma) {
  // Beyond, nothing changes; nor is there a use for what is no number.
  sigma = sigma > 1e-3 ? std::min(sigma, 1e6) : 1e-3;
  const auto tail = [&](int m) { return std::erfc((m + 0.5) / sigma * M_SQRT1_2); };
  constexpr int kFarthest = (kMaxOwn << kMaxRawBits) / 2;
  int m = 0;
  while (m < kFarthest && tail(m) >= kTail) ++m;
  Distribution d;
  const int wanted = 2 * m + 1;
  while (d.raw_bits < kMaxRawBits && (wanted + (1 << d.raw_bits) - 1) >> d.raw_bits > kMaxOwn)
    ++d.raw_bits;
  const int symbols = std::min(kMaxOwn, (wanted + (1 << d.raw_bits) - 1) >> d.raw_bits);
  d.first = -((symbols << d.raw_bits) / 2);
  std::vector<double> weights;
  for (int s = 0; s < symbols; ++s) {
    const double from = d.first + (s << d.raw_bits) - 0.5;
    weights.push_back(probability(from / sigma, (from + (1 << d.raw_bits)) / sigma));
  }
  const double begin = d.first - 0.5;
  const double end = begin + (symbols << d.raw_bits);
  weights.push_back((std::erfc(-begin / sigma * M_SQRT1_2) + std::erfc(end / sigma * M_SQRT1_2)) /
                    2);
  d.frequencies = normalise(std::move(weights));
  return d;
}

Distribution from_probabilities(int32_t first, std::span<const double> probabilities) {
  Distribution d;
  d.first = first;
  const size_t count = std::min<size_t>(probabilities.size(), kMaxOwn);
  std::vector<double> weights(probabilities.begin(), probabilities.begin() + count);
  if (weights.empty()) weights.push_back(1);
  double most = 0;
  for (double &w : weights) {
    if (!(w >= 0) || std::isinf(w)) w = 0;
    most = std::max(most, w);
  }
  if (most > 0)
    for (double &w : weights) w /= most;
  else
    std::fill(weights.begin(), weights.end(), 1.0);
  weights.push_back(0);
  d.frequencies = normalise(std::move(weights));
  return d;
}

}  // namespace feat::rans
