// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The native feature codec's range coder, probabilities and levels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "codecs/feature/level_coder.h"
#include "codecs/feature/level_cost.h"
#include "codecs/feature/level_model.h"
#include "codecs/feature/logistic.h"
#include "codecs/feature/range_coder.h"

namespace feat::native {
namespace {

struct CodedBit {
  uint32_t probability;
  bool one;
};

std::vector<CodedBit> random_bits(uint32_t seed, size_t count, uint32_t low, uint32_t high) {
  std::mt19937 random(seed);
  std::vector<CodedBit> bits(count);
  for (CodedBit &bit : bits) {
    bit.probability = low + random() % (high - low + 1);
    bit.one = random() % kProbabilityOne < bit.probability;
  }
  return bits;
}

std::vector<uint8_t> coded(const std::vector<CodedBit> &bits) {
  std::vector<uint8_t> out;
  RangeEncoder encoder(out);
  for (const CodedBit &bit : bits) encoder.bit(bit.probability, bit.one);
  encoder.finish();
  return out;
}

void expect_bits(const std::vector<CodedBit> &bits, const std::vector<uint8_t> &data) {
  RangeDecoder decoder(data);
  for (size_t i = 0; i < bits.size(); ++i)
    ASSERT_EQ(decoder.bit(bits[i].probability), bits[i].one) << "bit " << i;
}

TEST(RangeCoder, GivesBitsBackAtEveryLength) {
  for (size_t count = 0; count < 300; ++count) {
    const auto bits = random_bits(static_cast<uint32_t>(count), count, 1, 65535);
    expect_bits(bits, coded(bits));
  }
}

TEST(RangeCoder, ComesCloseToTheEntropy) {
  for (const uint32_t probability : {1U, 60U, 2000U, 32768U, 60000U, 65535U}) {
    const auto bits = random_bits(probability, 400000, probability, probability);
    double entropy = 0;
    for (const CodedBit &bit : bits) {
      const double p = bit.probability / 65536.0;
      entropy -= std::log2(bit.one ? p : 1 - p);
    }
    const auto data = coded(bits);
    expect_bits(bits, data);
    EXPECT_LE(8.0 * static_cast<double>(data.size()), entropy * 1.0005 + 24) << probability;
  }
}

TEST(RangeCoder, CarriesThroughRunsOfOnes) {
  // Zeros of small probability put the code at the top of its interval again and again.
  for (uint32_t seed = 0; seed < 200; ++seed) {
    auto bits = random_bits(seed, 400, 65000, 65535);
    for (size_t i = 0; i < bits.size(); ++i) bits[i].one = i % 40 != seed % 40;
    expect_bits(bits, coded(bits));
  }
}

TEST(RangeCoder, GivesRawBitsBack) {
  std::mt19937 random(3);
  std::vector<std::pair<uint32_t, int>> values(5000);
  std::vector<uint8_t> out = {1, 2, 3};
  RangeEncoder encoder(out);
  for (auto &[value, count] : values) {
    count = static_cast<int>(random() % 17);
    value = random() & ((1U << count) - 1);
    encoder.raw(value, count);
  }
  encoder.finish();
  EXPECT_EQ(out[0] + out[1] + out[2], 6);
  RangeDecoder decoder(std::span<const uint8_t>(out).subspan(3));
  for (const auto &[value, count] : values) ASSERT_EQ(decoder.raw(count), value);
}

TEST(RangeCoder, WaysToReadAgree) {
  std::mt19937 random(6);
  std::vector<CodedBit> bits = random_bits(7, 4000, 1, 65535);
  std::vector<uint8_t> out;
  RangeEncoder encoder(out);
  for (const CodedBit &bit : bits) {
    encoder.bit(bit.probability, bit.one);
    encoder.raw(bit.one ? 1 : 0, 1);
  }
  encoder.finish();
  RangeDecoder one(out);
  RangeDecoder other(out);
  for (const CodedBit &bit : bits) {
    ASSERT_EQ(one.bit(bit.probability), bit.one);
    ASSERT_EQ(other.even_bit(bit.probability), bit.one);
    ASSERT_EQ(one.raw(1), bit.one ? 1U : 0U);
    ASSERT_EQ(other.raw_bit(), bit.one ? 1U : 0U);
  }
}

TEST(RangeCoder, ReadsAnyBytes) {
  std::mt19937 random(4);
  std::vector<uint8_t> bytes(100);
  for (uint8_t &byte : bytes) byte = static_cast<uint8_t>(random());
  RangeDecoder decoder(bytes);
  uint32_t sum = 0;
  for (int i = 0; i < 3000; ++i)
    sum += decoder.raw(i % 17) + (decoder.bit(1 + random() % 65535) ? 1 : 0) +
           (decoder.even_bit(1 + random() % 65535) ? 1 : 0) + decoder.raw_bit();
  EXPECT_GT(sum, 0U);
}

TEST(Logistic, IsTheTableOfTheSpecification) {
  for (int i = -kOddsLimit; i <= kOddsLimit; ++i) {
    const double p = 65536 / (1 + std::exp(-i / 256.0));
    const int value = kProbabilities[static_cast<size_t>(i + kOddsLimit)];
    EXPECT_NEAR(value, std::clamp(p, 1.0, 65535.0), 0.5001) << i;
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < kProbabilities.size(); ++i) sum = sum * 31 + kProbabilities[i];
  EXPECT_EQ(sum, 9951248384189755840U);  // the same on every machine
}

TEST(Logistic, WeightsLearnAProbability) {
  std::mt19937 random(5);
  for (const double p : {0.02, 0.2, 0.9}) {
    Weight weight;
    double sum = 0;
    for (int i = 0; i < 20000; ++i) {
      const auto probability =
          static_cast<int32_t>(kProbabilities[static_cast<size_t>(odds_index(weight.value()))]);
      const bool one = random() < p * 4294967295.0;
      weight.learn((one ? 65536 : 0) - probability);
      if (i >= 10000) sum += probability / 65536.0;
    }
    EXPECT_NEAR(sum / 10000, p, 0.1 * p + 0.002);
  }
}

std::vector<int32_t> special_levels() {
  std::vector<int32_t> levels = {0, kMaxLevel, -kMaxLevel};
  for (int32_t a = 1; a < 300; ++a) levels.insert(levels.end(), {a, -a});
  for (int width = 9; width < kMaxWidth; ++width) {
    for (const int32_t a : {(1 << width) - 1, 1 << width, (1 << width) + (1 << (width - 2)) + 5})
      levels.insert(levels.end(), {a, -a});
  }
  return levels;
}

TEST(Levels, ComeBackFromBits) {
  const auto levels = special_levels();
  LevelContext context;
  std::vector<uint8_t> out;
  {
    LevelModel model(Quantizer::kDependent);
    BitWriter bits(out);
    for (size_t i = 0; i < levels.size(); ++i) {
      context.mean = static_cast<uint8_t>(i % kMeanContexts);
      code_level(bits, model.row(context, static_cast<int>(i % kSets)), levels[i]);
    }
    bits.finish();
  }
  LevelModel model(Quantizer::kDependent);
  BitReader bits(out);
  for (size_t i = 0; i < levels.size(); ++i) {
    context.mean = static_cast<uint8_t>(i % kMeanContexts);
    ASSERT_EQ(code_level(bits, model.row(context, static_cast<int>(i % kSets)), 0), levels[i]);
  }
}

TEST(Levels, CostWhatTheyTake) {
  // Weights do not move between the levels of one measurement here: each is coded with a new model.
  struct Counter {
    double bits = 0;
    bool code_even(uint32_t probability, bool value) { return code(probability, value); }
    bool code(uint32_t probability, bool value) {
      bits -= std::log2((value ? probability : 65536 - probability) / 65536.0);
      return value;
    }
    uint32_t raw(uint32_t value, int count) {
      bits += count;
      return value;
    }
    uint32_t raw_bit(uint32_t value) { return raw(value, 1); }
  };
  for (const int mean : {10, 44, 60}) {
    for (const int32_t level : special_levels()) {
      if (level <= 0 || level > 1000) continue;
      LevelContext context;
      context.mean = static_cast<uint8_t>(mean);
      LevelModel model(Quantizer::kDependent);
      const float cost = magnitude_cost(model.row(context, 1), level);
      Counter counter;
      code_level(counter, model.row(context, 1), level);
      EXPECT_NEAR(cost, counter.bits, 0.02 * counter.bits + 0.1) << level;
    }
  }
}

TEST(Levels, QuarterOctavesAndClassesRise) {
  EXPECT_EQ(quarter_octave(1), 0);
  EXPECT_EQ(quarter_octave(4), 8);
  EXPECT_EQ(quarter_octave(5), 9);
  EXPECT_EQ(quarter_octave(7), 11);
  EXPECT_EQ(quarter_octave(1U << 31), 124);
  EXPECT_EQ(mean_context(kMinMean), 0);
  EXPECT_LT(mean_context(kMaxMean), kMeanContexts);
  for (uint32_t v = 1; v < 20000; ++v) {
    ASSERT_GE(near_context(v), near_context(v - 1));
    ASSERT_LE(near_context(v), near_context(v - 1) + 1);
  }
  EXPECT_EQ(near_context(0xFFFFFFFF), kNearContexts - 1);
}

}  // namespace
}  // namespace feat::native
