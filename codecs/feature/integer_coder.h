// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Signed integers as adaptive bits: how many binary digits the magnitude has, the digits below the
// first (one adaptive, the rest equally likely), the sign. One function serves encoder
// and decoder. The format: docs/feature-codec.md, "Numbers of a profile".
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "codecs/feature/logistic.h"
#include "codecs/feature/range_coder.h"

namespace feat::native {

inline constexpr int kIntegerDigits = 24;
inline constexpr int32_t kMaxInteger = (1 << kIntegerDigits) - 1;

// Both directions: takes the bit to be coded, gives the bit that the stream has.
class BitsOut {
 public:
  explicit BitsOut(RangeEncoder &coder) : coder_(coder) {}
  bool bit(uint32_t probability, bool one) {
    coder_.bit(probability, one);
    return one;
  }
  uint32_t raw(uint32_t value, int count) {
    coder_.raw(value, count);
    return value;
  }

 private:
  RangeEncoder &coder_;
};

class BitsIn {
 public:
  explicit BitsIn(RangeDecoder &coder) : coder_(coder) {}
  bool bit(uint32_t probability, bool) { return coder_.bit(probability); }
  uint32_t raw(uint32_t, int count) { return coder_.raw(count); }

 private:
  RangeDecoder &coder_;
};

// A magnitude as a context: exact up to 3, half octaves above.
inline constexpr int kMagnitudeContexts = 64;
inline int magnitude_context(uint32_t magnitude) {
  if (magnitude < 4) return static_cast<int>(magnitude);
  const int digits = std::bit_width(magnitude);
  return std::min(2 * digits - 2 + static_cast<int>(magnitude >> (digits - 2) & 1),
                  kMagnitudeContexts - 1);
}

// What is known of a number before it is coded: three magnitudes, and the odds of its sign.
struct IntegerContext {
  std::array<int, 3> magnitude{};  // below kMagnitudeContexts
  int sign = 0;                    // below IntegerCoder::kSigns; 0: nothing known
};

class IntegerCoder {
 public:
  static constexpr int kSigns = 9;

  // Codes `value` (the encoder) or what the stream has (the decoder, which passes 0).
  template <class Bits>
  int32_t code(Bits &bits, const IntegerContext &context, int32_t value) {
    const auto magnitude = static_cast<uint32_t>(std::abs(value));
    const int digits = code_digits(bits, context, std::bit_width(magnitude));
    if (digits == 0) return 0;
    uint32_t result = 1;
    if (digits > 1) {
      Weight &weight = second_[static_cast<size_t>(digits)];
      result = code_single(bits, weight, (magnitude >> (digits - 2) & 1) != 0) ? 3 : 2;
      result = code_raw(bits, result, magnitude, digits - 2);
    }
    bool negative = value < 0;
    if (context.sign == 0)
      negative = bits.raw(negative ? 1 : 0, 1) != 0;
    else
      negative = code_single(bits, sign_[static_cast<size_t>(context.sign)], negative);
    return negative ? -static_cast<int32_t>(result) : static_cast<int32_t>(result);
  }

 private:
  // For each context and number of digits n: odds that there are more than n.
  using Lengths = std::array<std::array<std::array<Weight, kIntegerDigits>, kMagnitudeContexts>, 3>;

  // From the number that the contexts suggest up or down to the right one.
  template <class Bits>
  int code_digits(Bits &bits, const IntegerContext &context, int wanted) {
    int digits = guess(context);
    if (code_more(bits, first_, context, digits, wanted)) {
      ++digits;
      while (digits < kIntegerDigits && code_more(bits, up_, context, digits, wanted)) ++digits;
    } else {
      while (digits > 0 && !code_more(bits, down_, context, digits - 1, wanted)) --digits;
    }
    return digits;
  }

  // The contexts are sums of several magnitudes, hence the 1.
  static int guess(const IntegerContext &context) {
    const int sum = context.magnitude[0] + context.magnitude[1] + context.magnitude[2];
    return std::clamp(sum / 6 - 1, 0, kIntegerDigits - 1);
  }

  template <class Bits>
  static bool code_more(Bits &bits, Lengths &lengths, const IntegerContext &context, int digits,
                        int wanted) {
    std::array<Weight *, 3> weights{};
    int32_t sum = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      const auto row = static_cast<size_t>(context.magnitude[i]);
      weights[i] = &lengths[i][row][static_cast<size_t>(digits)];
      sum += weights[i]->value();
    }
    const uint32_t p = kProbabilities[static_cast<size_t>(odds_index(sum))];
    const bool more = bits.bit(p, wanted > digits);
    const int32_t error = (more ? 65536 : 0) - static_cast<int32_t>(p);
    for (Weight *weight : weights) weight->learn(error);
    return more;
  }

  template <class Bits>
  static bool code_single(Bits &bits, Weight &weight, bool one) {
    const uint32_t p = kProbabilities[static_cast<size_t>(odds_index(weight.value()))];
    const bool coded = bits.bit(p, one);
    weight.learn((coded ? 65536 : 0) - static_cast<int32_t>(p));
    return coded;
  }

  // The lowest `count` digits, behind `high`.
  template <class Bits>
  static uint32_t code_raw(Bits &bits, uint32_t high, uint32_t magnitude, int count) {
    while (count > 0) {
      const int now = std::min(count, 16);
      count -= now;
      const uint32_t mask = (uint32_t{1} << now) - 1;
      high = high << now | bits.raw(magnitude >> count & mask, now);
    }
    return high;
  }

  Lengths first_{};
  Lengths up_{};
  Lengths down_{};
  std::array<Weight, kIntegerDigits + 1> second_{};
  std::array<Weight, kSigns> sign_{};
};

}  // namespace feat::native
