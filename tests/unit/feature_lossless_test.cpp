// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "codecs/feature/lossless.h"
#include "codecs/feature/lossless_elements.h"

namespace feat::native {
namespace {

using Bytes = std::vector<uint8_t>;
using Shape = std::vector<uint32_t>;

constexpr Format kAllFormats[] = {Format::kF32, Format::kF16, Format::kBF16, Format::kU8,
                                  Format::kS8,  Format::kU16, Format::kS16,  Format::kS32};

// A generator of our own: the same numbers with every standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<uint32_t>(state_ >> 32);
  }
  // Nearly normal, with spread 1; sums of integers, so that it is the same everywhere.
  float normal() {
    int32_t sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<int32_t>(next() >> 16);
    return static_cast<float>(sum - 6 * 65536) / 65536.0F;
  }

 private:
  uint64_t state_;
};

size_t points_of(const Shape &shape) {
  return std::accumulate(shape.begin(), shape.end(), size_t{1}, std::multiplies<>());
}

Bytes encode(Format format, const Shape &shape, const Bytes &data, int threads = 1) {
  Bytes payload;
  encode_lossless(format, shape, data, threads, payload);
  return payload;
}

// The size of the payload.
size_t round_trip(Format format, const Shape &shape, const Bytes &data, int threads = 1) {
  const Bytes payload = encode(format, shape, data, threads);
  Bytes decoded(data.size(), 0xA5);
  const Status status = decode_lossless(format, shape, payload, threads, decoded);
  EXPECT_TRUE(status.ok()) << status.message;
  EXPECT_TRUE(decoded == data);
  return payload.size();
}

Bytes noise(size_t bytes, uint64_t seed) {
  Random random(seed);
  Bytes data(bytes);
  for (uint8_t &byte : data) byte = static_cast<uint8_t>(random.next() >> 24);
  return data;
}

template <class T>
Bytes bytes_of_values(const std::vector<T> &values) {
  Bytes data(values.size() * sizeof(T));
  if (!data.empty()) std::memcpy(data.data(), values.data(), data.size());
  return data;
}

// Rows of channels that each have a mean and a spread of their own.
std::vector<float> feature(size_t rows, size_t columns, uint64_t seed) {
  Random random(seed);
  std::vector<float> mean(columns);
  std::vector<float> spread(columns);
  for (size_t i = 0; i < columns; ++i) {
    mean[i] = random.normal();
    spread[i] = static_cast<float>(1 + random.next() % 8) / 8;
  }
  std::vector<float> values(rows * columns);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = mean[i % columns] + spread[i % columns] * random.normal();
  return values;
}

TEST(FeatureLossless, NoiseInAllFormatsAndShapes) {
  const Shape shapes[] = {{},          {1},          {7},        {1, 1, 1},       {3, 5},
                          {100, 1},    {2, 3, 4, 5}, {1, 1, 9},  {1, 70000},      {17, 64},
                          {4, 16, 16}, {300, 2},     {2, 1, 33}, {1, 2, 1, 40, 1}};
  for (const Format format : kAllFormats) {
    for (const Shape &shape : shapes) {
      SCOPED_TRACE(static_cast<int>(format));
      const size_t bytes = points_of(shape) * lossless::bytes_of(format);
      EXPECT_LE(round_trip(format, shape, noise(bytes, bytes + 1)), bytes + 1);
    }
  }
}

TEST(FeatureLossless, EmptyTensors) {
  EXPECT_EQ(round_trip(Format::kF32, {0}, {}), 0U);
  EXPECT_EQ(round_trip(Format::kU8, {3, 0, 5}, {}), 0U);
  EXPECT_EQ(decode_lossless(Format::kU8, Shape{0}, Bytes{1}, 1, {}).code, Status::Code::kCorrupt);
}

TEST(FeatureLossless, SpecialValuesAmongOthers) {
  const uint32_t special[] = {0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000,
                              0xFFC00001, 0x7F800001, 0xFFFFFFFF, 0x00000001, 0x80000001,
                              0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F800000};
  std::vector<float> values = feature(50, 40, 3);
  std::vector<uint32_t> bits(values.size());
  for (size_t i = 0; i < values.size(); ++i) bits[i] = std::bit_cast<uint32_t>(values[i]);
  for (size_t i = 0; i < bits.size(); i += 3) bits[i] = special[i / 3 % std::size(special)];
  round_trip(Format::kF32, {50, 40}, bytes_of_values(bits));
  round_trip(Format::kF32, {2, 25, 40}, bytes_of_values(bits));
  round_trip(Format::kS32, {50, 40}, bytes_of_values(bits));
}

TEST(FeatureLossless, EveryPatternOf16Bits) {
  std::vector<uint16_t> bits(65536);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i * 40503);
  for (const Format format : {Format::kF16, Format::kBF16, Format::kU16, Format::kS16}) {
    round_trip(format, {256, 256}, bytes_of_values(bits));
    round_trip(format, {65536}, bytes_of_values(bits));
    round_trip(format, {1024, 64}, bytes_of_values(bits));
  }
}

// Magnitudes that no common scale can hold.
TEST(FeatureLossless, HugeRange) {
  std::vector<float> values = feature(200, 30, 5);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = std::ldexp(values[i], static_cast<int>(i % 30) * 8 - 120);
  round_trip(Format::kF32, {200, 30}, bytes_of_values(values));
  round_trip(Format::kF32, {2, 100, 30}, bytes_of_values(values));
}

TEST(FeatureLossless, FeaturesGetSmaller) {
  const Bytes data = bytes_of_values(feature(128, 256, 7));
  EXPECT_LT(round_trip(Format::kF32, {128, 256}, data), data.size() * 84 / 100);
}

TEST(FeatureLossless, UnusedLowBitsCostNothing) {
  std::vector<float> values = feature(64, 128, 9);
  std::vector<uint16_t> upper(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]) & 0xFFFF0000;
    upper[i] = static_cast<uint16_t>(bits >> 16);
    values[i] = std::bit_cast<float>(bits);
  }
  const size_t wide = round_trip(Format::kF32, {64, 128}, bytes_of_values(values));
  const size_t narrow = round_trip(Format::kBF16, {64, 128}, bytes_of_values(upper));
  EXPECT_LE(wide, narrow + 16);
  EXPECT_GE(wide + 16, narrow);
}

TEST(FeatureLossless, QuantisedFloatsCostWhatTheirIntegersCost) {
  std::vector<float> values = feature(256, 128, 11);
  std::vector<uint16_t> integers(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    integers[i] = static_cast<uint16_t>(std::clamp(values[i] * 16 + 128, 0.0F, 255.0F));
    values[i] = static_cast<float>(integers[i]) * 0.0731F - 3.3F;
  }
  const size_t floats = round_trip(Format::kF32, {256, 128}, bytes_of_values(values));
  const size_t ranks = round_trip(Format::kU16, {256, 128}, bytes_of_values(integers));
  EXPECT_LT(floats, ranks + ranks / 50 + 1024);
}

TEST(FeatureLossless, ConstantTensorsAreTiny) {
  const std::vector<float> values(100000, -3.14159F);
  for (const Shape &shape : {Shape{100000}, Shape{100, 1000}, Shape{10, 100, 100}})
    EXPECT_LT(round_trip(Format::kF32, shape, bytes_of_values(values)), 40U);
  EXPECT_LT(round_trip(Format::kS8, {1000, 100}, Bytes(100000, 0x80)), 40U);
  EXPECT_LT(round_trip(Format::kF32, {1, 4}, bytes_of_values(std::vector<float>(4, 0))), 8U);
}

TEST(FeatureLossless, RepeatedRowsCostNearlyNothing) {
  std::vector<float> values = feature(64, 256, 13);
  const size_t once = round_trip(Format::kF32, {64, 256}, bytes_of_values(values));
  const std::vector<float> copy = values;
  for (int i = 0; i < 3; ++i) values.insert(values.end(), copy.begin(), copy.end());
  EXPECT_LT(round_trip(Format::kF32, {4, 64, 256}, bytes_of_values(values)), once + 100);
}

TEST(FeatureLossless, ZerosAreCheap) {
  std::vector<float> values = feature(128, 128, 15);
  size_t positive = 0;
  for (float &value : values) {
    value = std::max(value, 0.0F);
    positive += value > 0 ? 1 : 0;
  }
  EXPECT_LT(round_trip(Format::kF32, {128, 128}, bytes_of_values(values)),
            positive * 26 / 8 + values.size() / 8);
}

TEST(FeatureLossless, ThreadsGiveTheSameBytes) {
  const Shape shape = {3, 400, 1000};  // two tiles
  const Bytes data = bytes_of_values(feature(1200, 1000, 17));
  const Bytes one = encode(Format::kF32, shape, data, 1);
  for (const int threads : {2, 64}) {
    EXPECT_TRUE(encode(Format::kF32, shape, data, threads) == one);
    Bytes decoded(data.size());
    EXPECT_TRUE(decode_lossless(Format::kF32, shape, one, threads, decoded).ok());
    EXPECT_TRUE(decoded == data);
  }
}

TEST(FeatureLossless, AppendsToWhatIsThere) {
  Bytes out = {1, 2, 3};
  const Bytes data = noise(64, 1);
  encode_lossless(Format::kU8, Shape{8, 8}, data, 1, out);
  EXPECT_EQ(Bytes(out.begin(), out.begin() + 3), (Bytes{1, 2, 3}));
  Bytes decoded(64);
  EXPECT_TRUE(
      decode_lossless(Format::kU8, Shape{8, 8}, std::span(out).subspan(3), 1, decoded).ok());
  EXPECT_EQ(decoded, data);
}

// Payloads with each of the tools.
struct Sample {
  Format format;
  Shape shape;
  Bytes data;
};
std::vector<Sample> samples() {
  std::vector<float> few = feature(64, 32, 19);
  for (float &value : few) value = std::round(value * 8) / 7;
  std::vector<float> repeated = feature(32, 32, 21);
  const std::vector<float> copy = repeated;
  repeated.insert(repeated.end(), copy.begin(), copy.end());
  std::vector<float> picture(4 * 24 * 24);
  for (size_t i = 0; i < picture.size(); ++i)
    picture[i] = std::sin(static_cast<float>(i % 24) / 5) + static_cast<float>(i / 24 % 24);
  return {{Format::kF32, {64, 32}, bytes_of_values(feature(64, 32, 23))},
          {Format::kF32, {64, 32}, bytes_of_values(few)},
          {Format::kF32, {64, 32}, bytes_of_values(repeated)},
          {Format::kF32, {4, 24, 24}, bytes_of_values(picture)},
          {Format::kBF16, {33, 31}, noise(33 * 31 * 2, 25)},
          {Format::kS16, {12, 100}, noise(2400, 27)}};
}

void expect_ok_or_corrupt(const Sample &sample, const Bytes &payload) {
  Bytes decoded(sample.data.size());
  const Status status = decode_lossless(sample.format, sample.shape, payload, 1, decoded);
  if (status.ok()) return;
  EXPECT_EQ(status.code, Status::Code::kCorrupt);
  EXPECT_FALSE(status.message.empty());
}

TEST(FeatureLossless, DamagedPayloadsDoNoHarm) {
  Random random(29);
  for (const Sample &sample : samples()) {
    const Bytes payload = encode(sample.format, sample.shape, sample.data);
    for (size_t i = 0; i < std::min<size_t>(payload.size(), 40); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        Bytes damaged = payload;
        damaged[i] = static_cast<uint8_t>(damaged[i] ^ 1 << bit);
        expect_ok_or_corrupt(sample, damaged);
      }
    }
    for (int i = 0; i < 100; ++i) {
      Bytes damaged = payload;
      for (int k = 0; k < 3; ++k)
        damaged[random.next() % damaged.size()] = static_cast<uint8_t>(random.next() >> 24);
      expect_ok_or_corrupt(sample, damaged);
      damaged.resize(random.next() % damaged.size());
      expect_ok_or_corrupt(sample, damaged);
    }
    for (int i = 0; i < 200; ++i) expect_ok_or_corrupt(sample, noise(random.next() % 300, i));
  }
}

TEST(FeatureLossless, WrongSizesAreCorrupt) {
  for (const Sample &sample : samples()) {
    Bytes payload = encode(sample.format, sample.shape, sample.data);
    Bytes decoded(sample.data.size());
    payload.push_back(0);
    EXPECT_EQ(decode_lossless(sample.format, sample.shape, payload, 1, decoded).code,
              Status::Code::kCorrupt);
    payload.pop_back();
    payload.pop_back();
    EXPECT_EQ(decode_lossless(sample.format, sample.shape, payload, 1, decoded).code,
              Status::Code::kCorrupt);
    EXPECT_EQ(decode_lossless(sample.format, sample.shape, Bytes(), 1, decoded).code,
              Status::Code::kCorrupt);
  }
}

// The format does not change: sizes and FNV-1a hashes of payloads.
TEST(FeatureLossless, PayloadsAreWhatTheyWere) {
  std::string found;
  for (const Sample &sample : samples()) {
    // Without the picture, whose sines depend on the library.
    if (sample.shape.size() == 3) continue;
    const Bytes payload = encode(sample.format, sample.shape, sample.data);
    uint64_t hash = 14695981039346656037U;
    for (const uint8_t byte : payload) hash = (hash ^ byte) * 1099511628211U;
    found += std::to_string(payload.size()) + " " + std::to_string(hash) + "\n";
  }
  EXPECT_EQ(found,
            "5683 2889846322382440462\n"
            "1623 8329987853870867291\n"
            "2875 18088186638086373160\n"
            "2047 14894924995239214037\n"
            "2401 6771293270924727398\n");
}

}  // namespace
}  // namespace feat::native
