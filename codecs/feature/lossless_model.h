// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes one number as binary decisions: zero or not, sign, class, mantissa from above. Each
// decision is whether the magnitude reaches a threshold; its log-odds are a sum of three weights:
// one for each of two experts, chosen by how far the threshold is from where the expert
// expects the number and how wide the interval is, and one for the decision as such.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/feature/logistic.h"
#include "codecs/feature/lossless_coder.h"
#include "codecs/feature/lossless_expert.h"
#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

struct Opinion {
  Expert first;
  Expert second;
  // Which of the neighbours were zero: 0 to kZeroContexts - 1.
  uint32_t zeros = 0;
};
inline constexpr uint32_t kZeroContexts = 8;

class NumberModel {
 public:
  // `zeros`: a magnitude of zero has a decision of its own. `negatives`: there are signs.
  NumberModel(const NumberKind &kind, bool zeros, bool negatives);

  // Codes `code` (which a reader ignores) and returns it. Leaves `opinion` as it is.
  template <class Coder>
  Code code(Coder &coder, Opinion &opinion, Code code);

 private:
  // Decisions on classes walk at most this far from the expected one.
  static constexpr int kMaxWalk = 12;
  // Half octaves of the interval against the spread.
  static constexpr int kClassLevels = 32;
  static constexpr int kClassLevelZero = 20;
  static constexpr int kMantissaLevels = 20;
  // Mantissa bits get a model as long as half the interval is above half a spread.
  static constexpr int kFinest = -2;
  static constexpr int kPrefixBits = 6;
  static constexpr int kFirstCount = 6;

  struct ExpertWeights {
    Weight sign[kDistances];
    Weight start[kClassLevels][kDistances];
    Weight up[kClassLevels][kDistances];
    Weight down[kClassLevels][kDistances];
    Weight mantissa[kMantissaLevels][kDistances];
  };

  // `share`, in sixteenths, of the log-odds that the prior tells.
  static void prepare(ExpertWeights &weights, int share);

  // `c` counts in integers only: floats have no values of their own.
  template <class Coder>
  bool decide(Coder &coder, Weight &a, Weight &b, Weight &c, bool bit) {
    const int32_t sum = a.value() + b.value() + (kind_.integer ? c.value() : 0);
    const uint32_t probability = kProbabilities[static_cast<size_t>(odds_index(sum))];
    bit = coder.bit(probability, bit);
    const int32_t error = (bit ? 65536 : 0) - static_cast<int32_t>(probability);
    a.learn(error);
    b.learn(error);
    if (kind_.integer) c.learn(error);
    return bit;
  }
  template <class Coder>
  static bool decide(Coder &coder, Weight &a, bool bit) {
    const uint32_t probability = kProbabilities[static_cast<size_t>(odds_index(a.value()))];
    bit = coder.bit(probability, bit);
    a.learn((bit ? 65536 : 0) - static_cast<int32_t>(probability));
    return bit;
  }
  static size_t class_level(int half_octaves) {
    return static_cast<size_t>(std::clamp(half_octaves + kClassLevelZero, 0, kClassLevels - 1));
  }

  template <class Coder>
  int code_class(Coder &coder, const Opinion &opinion, int number_class);
  template <class Coder>
  int code_far_class(Coder &coder, int number_class);
  template <class Coder>
  uint32_t code_mantissa(Coder &coder, const Opinion &opinion, int number_class, uint32_t mantissa);

  NumberKind kind_;
  bool zeros_;
  bool negatives_;
  std::vector<ExpertWeights> experts_;
  Weight sign_;
  Weight zero_[kZeroContexts];
  Weight zero_sign_;
  Weight start_[256];
  Weight up_[256];
  Weight down_[256];
  Weight far_[256];
  std::vector<Weight> prefixes_;
};

template <class Coder>
Code NumberModel::code(Coder &coder, Opinion &opinion, Code code) {
  bool negative = negatives_ && code >> kSignShift != 0;
  const uint32_t magnitude = code & kMagnitudeMask;
  if (zeros_ && decide(coder, zero_[opinion.zeros], magnitude == 0)) {
    if (negatives_) negative = decide(coder, zero_sign_, negative);
    return static_cast<uint32_t>(negative) << kSignShift;
  }
  if (negatives_) {
    negative = decide(coder, experts_[0].sign[opinion.first.distance(0)],
                      experts_[1].sign[opinion.second.distance(0)], sign_, negative);
  }
  if (negative) {
    opinion.first.mirror();
    opinion.second.mirror();
  }
  const int number_class = code_class(coder, opinion, kind_.class_of(magnitude));
  const int bits = kind_.mantissa_bits_of(number_class);
  const uint32_t mantissa =
      code_mantissa(coder, opinion, number_class, magnitude & ((uint32_t{1} << bits) - 1));
  if (negative) {
    opinion.first.mirror();
    opinion.second.mirror();
  }
  return static_cast<uint32_t>(negative) << kSignShift | kind_.magnitude(number_class, mantissa);
}

// Walks from the class that the second expert expects: up, or down.
template <class Coder>
int NumberModel::code_class(Coder &coder, const Opinion &opinion, int number_class) {
  const int64_t spread = int64_t{1} << (opinion.second.half_octaves() >> 1);
  const int64_t expected = std::max(opinion.second.position(), spread - spread / 4);
  const int last = kind_.classes - 1;
  int at = std::clamp(bit_width(static_cast<uint64_t>(expected)) - kind_.scale, 1, last);
  const auto reaches = [&](int number, auto walk, auto &third, bool bit) {
    const int64_t edge = kind_.edge(number);
    const int level = 2 * (number - 1 + kind_.scale);
    const size_t first = class_level(level - opinion.first.half_octaves());
    const size_t second = class_level(level - opinion.second.half_octaves());
    const uint32_t first_distance = opinion.first.distance(edge);
    const uint32_t second_distance = opinion.second.distance(edge);
    return decide(coder, (experts_[0].*walk)[first][first_distance],
                  (experts_[1].*walk)[second][second_distance], third[number], bit);
  };
  if (reaches(at, &ExpertWeights::start, start_, number_class >= at)) {
    for (int steps = 0; at < last; ++at, ++steps) {
      if (steps == kMaxWalk) return code_far_class(coder, number_class);
      if (!reaches(at + 1, &ExpertWeights::up, up_, number_class > at)) break;
    }
    return at;
  }
  for (int steps = 0; --at > 0; ++steps) {
    if (steps == kMaxWalk) return code_far_class(coder, number_class);
    if (reaches(at, &ExpertWeights::down, down_, number_class >= at)) break;
  }
  return at;
}

template <class Coder>
int NumberModel::code_far_class(Coder &coder, int number_class) {
  uint32_t node = 1;
  for (int bit = 7; bit >= 0; --bit)
    node = node << 1 | decide(coder, far_[node], (number_class >> bit & 1) != 0);
  return std::min(static_cast<int>(node & 255), kind_.classes - 1);
}

template <class Coder>
uint32_t NumberModel::code_mantissa(Coder &coder, const Opinion &opinion, int number_class,
                                    uint32_t mantissa) {
  int left = kind_.mantissa_bits_of(number_class);
  uint32_t value = 0;
  int width = std::max(number_class, 1) - 1 + kind_.scale;  // its logarithm
  int64_t low = kind_.edge(number_class);
  uint32_t node = 1;
  const size_t base = static_cast<size_t>(number_class) << kPrefixBits;
  while (left > 0) {
    --width;
    const int first = 2 * width - opinion.first.half_octaves();
    const int second = 2 * width - opinion.second.half_octaves();
    if (std::max(first, second) < kFinest || width < 0 || width >= kTopBits) break;
    --left;
    const int64_t middle = low + (int64_t{1} << width);
    const auto level = [](int half_octaves) {
      return static_cast<size_t>(std::clamp(half_octaves - kFinest + 2, 0, kMantissaLevels - 1));
    };
    const bool bit =
        decide(coder, experts_[0].mantissa[level(first)][opinion.first.distance(middle)],
               experts_[1].mantissa[level(second)][opinion.second.distance(middle)],
               prefixes_[base + node], (mantissa >> left & 1) != 0);
    value = value << 1 | static_cast<uint32_t>(bit);
    if (bit) low = middle;
    node = node < (1U << (kPrefixBits - 1)) ? node << 1 | static_cast<uint32_t>(bit) : 0;
  }
  if (left > 0) value = value << left | coder.raw(mantissa & ((uint32_t{1} << left) - 1), left);
  return value;
}

}  // namespace feat::native::lossless
