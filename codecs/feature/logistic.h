// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The logistic function in integers, and the weights of an additive logistic model: the log-odds
// of a bit are a sum of one weight from each context, and each coded bit moves these weights along
// the gradient of the code length (docs/feature-codec.md, "Probabilities").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace feat::native {

// Log-odds are numbers of kWeightBits fractional bits; the table below has kOddsBits.
inline constexpr int kWeightBits = 18;
inline constexpr int kOddsBits = 8;
inline constexpr int kOddsLimit = 2880;  // 11.25: 1/76880

namespace detail {

// e^x by its series: only additions, multiplications and divisions of doubles at compile time, so
// that every compiler makes the same table.
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

constexpr std::array<uint16_t, 2 * kOddsLimit + 1> make_probabilities() {
  std::array<uint16_t, 2 * kOddsLimit + 1> table{};
  for (int i = -kOddsLimit; i <= kOddsLimit; ++i) {
    const double p = 65536.0 / (1.0 + exponential(-i / 256.0));
    const int rounded = static_cast<int>(2 * p + 1) / 2;
    table[static_cast<size_t>(i + kOddsLimit)] =
        static_cast<uint16_t>(rounded < 1 ? 1 : (rounded > 65535 ? 65535 : rounded));
  }
  return table;
}

// 2^16 * max(0.015, 0.6 / (n + 1.5))
constexpr std::array<int32_t, 64> make_rates() {
  std::array<int32_t, 64> table{};
  for (int n = 0; n < 64; ++n) {
    const double rate = 0.6 / (n + 1.5);
    table[static_cast<size_t>(n)] = static_cast<int32_t>(65536 * (rate < 0.015 ? 0.015 : rate));
  }
  return table;
}

}  // namespace detail

extern const std::array<uint16_t, 2 * kOddsLimit + 1> kProbabilities;
extern const std::array<int32_t, 64> kLearningRates;

// Index of the tables over log-odds: 0 to 2 * kOddsLimit.
inline int odds_index(int32_t sum) {
  const int index = (sum >> (kWeightBits - kOddsBits)) + kOddsLimit;
  // A branch, since what comes next need not wait for one that is foreseen.
  if (static_cast<uint32_t>(index) > 2 * kOddsLimit) [[unlikely]]
    return index < 0 ? 0 : 2 * kOddsLimit;
  return index;
}

// A weight and how often it was used: 26 bits and 6 bits.
class Weight {
 public:
  static constexpr int kCountBits = 6;
  static constexpr uint32_t kMaxCount = (1 << kCountBits) - 1;

  constexpr Weight() = default;
  // Log-odds in 1/2^kWeightBits.
  constexpr Weight(int32_t value, int count) : bits_(value * (1 << kCountBits) + count) {}

  int32_t value() const { return bits_ >> kCountBits; }
  int count() const { return static_cast<int>(static_cast<uint32_t>(bits_) & kMaxCount); }

  // Several weights as plain numbers.
  static const int32_t *words(const Weight *weights) { return &weights->bits_; }

  // `error` is 65536 * (bit - probability). Unsigned, since damaged data may drive weights
  // anywhere.
  void learn(int32_t error) {
    const auto bits = static_cast<uint32_t>(bits_);
    const uint32_t n = bits & kMaxCount;
    // (error * rate >> 14) << kCountBits
    const uint32_t step =
        static_cast<uint32_t>((error * kLearningRates[n]) >> (14 - kCountBits)) & ~kMaxCount;
    bits_ = static_cast<int32_t>(bits + step + (n < kMaxCount ? 1 : 0));
  }

 private:
  int32_t bits_ = 0;
};

}  // namespace feat::native
