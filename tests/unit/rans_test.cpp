// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/rans.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "codecs/rans/alias.h"
#include "codecs/rans/layout.h"
#include "codecs/rans/tables.h"
#include "tests/unit/rans_util.h"
#include "tests/unit/vvc_targets.h"

namespace feat::rans {
namespace {

using test::add_extreme_values;
using test::build;
using test::Bytes;
using test::coding;
using test::Content;
using test::encoded;
using test::encoded_by;
using test::extreme_distributions;
using test::hash;
using test::make_content;
using test::many_scales;
using test::pinned_content;
using vvc::on_every_target;
using vvc::on_no_target;

// Memory of the exact size lets a sanitizer see one byte too many.
bool decodes(const Content &c, const Bytes &bytes, std::vector<int32_t> &values) {
  const Bytes exact(bytes.begin(), bytes.end());
  values.assign(c.values.size(), 12345);
  std::string error;
  const bool right = decode(*c.tables, exact, c.table_of, values, error);
  EXPECT_EQ(right, error.empty());
  return right;
}

void expect_decoded(const Content &c, const Bytes &bytes) {
  std::vector<int32_t> values;
  ASSERT_TRUE(decodes(c, bytes, values));
  EXPECT_EQ(values, c.values);
}

double entropy_of_gaussian(double sigma) {
  double bits = 0;
  const int reach = static_cast<int>(sigma * 12) + 2;
  for (int v = -reach; v <= reach; ++v) {
    const double at = std::abs(v);
    const double p =
        (std::erfc((at - 0.5) / sigma * M_SQRT1_2) - std::erfc((at + 0.5) / sigma * M_SQRT1_2)) / 2;
    if (p > 0) bits -= p * std::log2(p);
  }
  return bits;
}

double cost_of_gaussian(double sigma) {
  const auto tables = build({gaussian(sigma)});
  double bits = 0;
  const int reach = static_cast<int>(sigma * 12) + 2;
  for (int v = -reach; v <= reach; ++v) {
    const double at = std::abs(v);
    const double p =
        (std::erfc((at - 0.5) / sigma * M_SQRT1_2) - std::erfc((at + 0.5) / sigma * M_SQRT1_2)) / 2;
    bits += p * tables->bits(0, v);
  }
  return bits;
}

TEST(Rans, GaussiansCostWhatTheyMust) {
  for (double sigma = 0.11; sigma <= 256; sigma *= 1.03) {
    SCOPED_TRACE(sigma);
    const double entropy = entropy_of_gaussian(sigma);
    const double cost = cost_of_gaussian(sigma);
    // No table is better than the entropy. What no frequency below 2^-16 can say costs up to
    // 2^-15 bits a value.
    EXPECT_GE(cost, entropy * (1 - 1e-9));
    EXPECT_LE(cost, entropy * 1.0005 + std::ldexp(1, -15));
  }
}

TEST(Rans, GaussiansAreDistributions) {
  for (const double sigma :
       {0.0, 1e-300, 0.01, 0.11, 1.0, 29.0, 31.0, 256.0, 5000.0, 1e9,
        std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), -1.0}) {
    SCOPED_TRACE(sigma);
    const Distribution d = gaussian(sigma);
    const auto tables = build({d});
    ASSERT_NE(tables, nullptr);
    EXPECT_LE(d.first, 0);
    EXPECT_LE(tables->bits(0, 0), 24);
  }
  EXPECT_EQ(gaussian(0.11).frequencies.size(), 2U);
  EXPECT_EQ(gaussian(25).raw_bits, 0);
  EXPECT_GT(gaussian(60).raw_bits, 0);
  // Whatever is rarer than 2^-16 together is an escape, nothing else is.
  const Distribution d = gaussian(2);
  const int last = d.first + static_cast<int>(d.frequencies.size()) - 2;
  EXPECT_EQ(-d.first, last);
  EXPECT_LT(std::erfc((last + 0.5) / 2 * M_SQRT1_2), std::ldexp(1, -16));
  EXPECT_GE(std::erfc((last - 0.5) / 2 * M_SQRT1_2), std::ldexp(1, -16));
}

TEST(Rans, ProbabilitiesHaveAnyScale) {
  const std::array<double, 4> p = {3e300, 1e300, 0, 4e300};
  const Distribution d = from_probabilities(-7, p);
  EXPECT_EQ(d.first, -7);
  ASSERT_EQ(d.frequencies.size(), 5U);
  EXPECT_NEAR(d.frequencies[0], 65536 * 3 / 8, 2);
  EXPECT_NEAR(d.frequencies[1], 65536 / 8, 2);
  EXPECT_EQ(d.frequencies[2], 1);
  EXPECT_NEAR(d.frequencies[3], 65536 / 2, 2);
  EXPECT_EQ(d.frequencies[4], 1);
  build({d});
}

TEST(Rans, ProbabilitiesThatAreNone) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::array<double, 3> odd = {std::nan(""), -1, infinite};
  build({from_probabilities(0, odd), from_probabilities(0, {})});
  const std::vector<double> many(300, 1);
  EXPECT_EQ(from_probabilities(0, many).frequencies.size(), size_t{kMaxSymbols});
  build({from_probabilities(0, many)});
}

TEST(Rans, TablesThatAreNone) {
  const Distribution good = from_probabilities(0, std::array<double, 2>{1, 1});
  const auto refused = [](const std::vector<Distribution> &distributions) {
    std::string error;
    EXPECT_EQ(Tables::build(distributions, error), nullptr);
    return error;
  };
  EXPECT_EQ(refused({}), "0 tables are not 1 to 256");
  EXPECT_EQ(refused(std::vector<Distribution>(257, good)), "257 tables are not 1 to 256");
  Distribution d = good;
  d.frequencies = {1};
  EXPECT_EQ(refused({good, d}), "table 1: 1 symbols are not 2 to 256");
  d.frequencies.assign(257, 255);
  EXPECT_EQ(refused({d}), "table 0: 257 symbols are not 2 to 256");
  d = good;
  d.raw_bits = 9;
  EXPECT_EQ(refused({d}), "table 0: 9 raw bits are not 0 to 8");
  d.raw_bits = -1;
  EXPECT_EQ(refused({d}), "table 0: -1 raw bits are not 0 to 8");
  d = good;
  d.first = -kMaxValue - 1;
  EXPECT_EQ(refused({d}), "table 0: the first value -16777217 is below -16777216");
  d.first = kMaxValue;
  EXPECT_EQ(refused({d}), "table 0: the last value 16777217 is above 16777216");
  d.first = std::numeric_limits<int32_t>::max();
  EXPECT_EQ(refused({d}), "table 0: the last value 2147483648 is above 16777216");
  d = good;
  d.frequencies = {0xFFFF, 0, 1};
  EXPECT_EQ(refused({d}), "table 0: a frequency is 0, the least is 1");
  d.frequencies = {0xFFFF, 2};
  EXPECT_EQ(refused({d}), "table 0: the frequencies add up to 65537, not to 65536");
}

// Every slot belongs to one rank of one symbol, for the decoder as for the encoder.
TEST(Rans, AliasTables) {
  std::mt19937 rng(1);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    const size_t symbols = 2 + rng() % (kMaxSymbols - 1);
    std::vector<double> p(symbols - 1);
    for (double &v : p) v = std::exp(static_cast<double>(rng() % 1000) / 1000 * (round % 14));
    if (round % 5 == 0) p[rng() % p.size()] = 1e9;
    const auto tables = build({from_probabilities(0, p)});
    const DecodeView view = coding(*tables).decode_view();
    const EncodeTable &table = coding(*tables).encode_tables()[0];
    std::array<uint32_t, kBuckets> seen = {};
    for (uint32_t slot = 0; slot < 1U << kPrecision; ++slot) {
      const uint32_t place = slot & 0xFF;
      const Bucket &bucket = view.buckets[slot >> 8];
      const bool own = place < bucket.threshold;
      const uint32_t symbol = own ? slot >> 8 : bucket.alias;
      const uint32_t rank = own ? place : bucket.base + place - bucket.threshold;
      ASSERT_EQ(own ? bucket.frequency : bucket.alias_frequency, table.symbols[symbol].frequency);
      ASSERT_LT(rank, table.symbols[symbol].frequency);
      ASSERT_EQ(table.slot(table.symbols[symbol], rank), slot);
      ++seen[symbol];
    }
    for (size_t s = 0; s < kBuckets; ++s) ASSERT_EQ(seen[s], table.symbols[s].frequency);
  }
}

TEST(Rans, NothingIsNothing) {
  const Content c = make_content({1}, 0);
  EXPECT_EQ(encoded(c).size(), 0U);
  expect_decoded(c, {});
  std::vector<int32_t> values;
  EXPECT_FALSE(decodes(c, {0}, values));
}

TEST(Rans, SizesAndLayouts) {
  for (const size_t count : {1, 2, 3, 31, 32, 33, 63, 64, 65, 100, 1000, 4099, 100000}) {
    const Content c = make_content(many_scales(), count, 0.01);
    for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
      for (const uint64_t chunks : {1, 2, 7}) {
        SCOPED_TRACE(testing::Message()
                     << count << " values, 2^" << log2_lanes << " lanes, " << chunks << " chunks");
        const Bytes bytes = encoded_by(c, log2_lanes, chunks);
        on_every_target([&] { expect_decoded(c, bytes); });
        on_no_target([&] { expect_decoded(c, bytes); });
      }
    }
    expect_decoded(c, encoded(c));
  }
}

// Tables without raw bits have kernels of their own.
TEST(Rans, WithoutRawBits) {
  for (const double wild : {0.0, 0.001, 0.5}) {
    for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
      SCOPED_TRACE(testing::Message() << wild << " 2^" << log2_lanes << " lanes");
      const Content c = make_content({0.11, 0.3, 1, 4, 20}, 20011, wild);
      ASSERT_FALSE(coding(*c.tables).decode_view().raw);
      const Bytes bytes = encoded_by(c, log2_lanes, 2);
      on_every_target([&] { expect_decoded(c, bytes); });
      on_no_target([&] { expect_decoded(c, bytes); });
    }
  }
}

TEST(Rans, OneTableOfRawBits) {
  for (int raw_bits = 1; raw_bits <= kMaxRawBits; ++raw_bits) {
    SCOPED_TRACE(raw_bits);
    Distribution d = gaussian(20);
    d.first <<= raw_bits;
    d.raw_bits = raw_bits;
    Content c;
    c.tables = build({d});
    std::mt19937 rng(1);
    std::normal_distribution<double> normal(0, 20 << raw_bits);
    for (int i = 0; i < 5000; ++i) c.values.push_back(static_cast<int32_t>(normal(rng)));
    c.table_of.resize(c.values.size());
    for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
      const Bytes bytes = encoded_by(c, log2_lanes, 1);
      on_every_target([&] { expect_decoded(c, bytes); });
    }
  }
}

TEST(Rans, ExtremeValues) {
  Content c;
  c.tables = build(extreme_distributions());
  for (uint8_t table = 0; table < c.tables->count(); ++table) add_extreme_values(c, table, 1);
  for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
    const Bytes bytes = encoded_by(c, log2_lanes, 1);
    on_every_target([&] { expect_decoded(c, bytes); });
  }
  const Bytes bytes = encoded(c);
  EXPECT_NEAR(static_cast<double>(bytes.size()) * 8, c.bits(), c.bits() * 0.005);
}

TEST(Rans, TheSizeIsWhatBitsSays) {
  for (const double share : {0.02, 0.2, 0.5, 1.0}) {
    const std::vector<double> all = many_scales();
    const std::vector<double> scales(all.begin(), all.begin() + static_cast<int>(64 * share));
    for (const size_t count : {50000, 400000}) {
      const Content c = make_content(scales, count);
      const double ideal = c.bits() / 8;
      const double size = static_cast<double>(encoded(c).size());
      SCOPED_TRACE(testing::Message() << scales.size() << " tables, " << count << " values, "
                                      << ideal << " bytes, took " << size);
      EXPECT_LE(size, ideal * 1.003 + 6);
      EXPECT_GE(size, ideal * 0.999);
    }
  }
}

TEST(Rans, SmallStreamsPayAFewBytes) {
  for (const size_t count : {1, 10, 100, 1000}) {
    const Content c = make_content({0.5, 2}, count);
    EXPECT_LE(static_cast<double>(encoded(c).size()), c.bits() / 8 + 6);
  }
}

TEST(Rans, LargeStreamsHaveManyLanesAndChunks) {
  const Content c = make_content({10}, 400000);
  const Bytes bytes = encoded(c);
  ChunkReader reader;
  ASSERT_TRUE(reader.open(bytes, c.values.size()));
  EXPECT_EQ(reader.layout().lanes(), 32);
  EXPECT_EQ(reader.layout().chunks, bytes.size() / 40960);
}

TEST(Rans, WhatCannotBeEncoded) {
  const Content c = make_content({1, 2}, 3);
  Bytes out = {1, 2, 3};
  const Bytes before = out;
  std::string error;
  std::vector<int32_t> values = c.values;
  values[1] = kMaxValue + 1;
  EXPECT_FALSE(encode(*c.tables, values, c.table_of, out, error));
  EXPECT_EQ(error, "value 16777217 at 1 is not -16777216 to 16777216");
  values[1] = std::numeric_limits<int32_t>::min();
  EXPECT_FALSE(encode(*c.tables, values, c.table_of, out, error));
  EXPECT_EQ(error, "value -2147483648 at 1 is not -16777216 to 16777216");
  std::vector<uint8_t> table_of = c.table_of;
  table_of[2] = 2;
  EXPECT_FALSE(encode(*c.tables, c.values, table_of, out, error));
  EXPECT_EQ(error, "table 2 of value 2 is not one of the 2 tables");
  table_of.pop_back();
  EXPECT_FALSE(encode(*c.tables, c.values, table_of, out, error));
  EXPECT_EQ(error, "2 numbers of tables are not one for each of 3 values");
  EXPECT_EQ(out, before);
  EXPECT_TRUE(encode(*c.tables, c.values, c.table_of, out, error));
  EXPECT_TRUE(std::equal(before.begin(), before.end(), out.begin()));
}

TEST(Rans, WhatCannotBeDecoded) {
  const Content c = make_content({1, 2}, 3);
  const Bytes bytes = encoded(c);
  std::vector<int32_t> values(3);
  std::string error;
  std::vector<uint8_t> table_of = c.table_of;
  table_of[2] = 2;
  EXPECT_FALSE(decode(*c.tables, bytes, table_of, values, error));
  EXPECT_EQ(error, "table 2 is not one of the 2 tables");
  table_of.pop_back();
  EXPECT_FALSE(decode(*c.tables, bytes, table_of, values, error));
  EXPECT_EQ(error, "2 numbers of tables are not one for each of 3 values");
  EXPECT_FALSE(decode(*c.tables, {}, c.table_of, values, error));
  EXPECT_EQ(error, "0 coded bytes cannot be those of 3 values");
  EXPECT_FALSE(decode(*c.tables, std::span(bytes).first(4), c.table_of, values, error));
  EXPECT_EQ(error, "chunk 0 of 1 in 4 coded bytes is damaged");
}

TEST(Rans, EveryTruncationIsFound) {
  const Content c = make_content({0.3, 1, 4, 60}, 300, 0.02);
  for (int log2_lanes = 0; log2_lanes <= 5; log2_lanes += 5) {
    for (const uint64_t chunks : {1, 3}) {
      const Bytes bytes = encoded_by(c, log2_lanes, chunks);
      on_every_target([&] {
        std::vector<int32_t> values;
        for (size_t size = 0; size < bytes.size(); ++size)
          ASSERT_FALSE(
              decodes(c, {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}, values))
              << size;
        Bytes longer = bytes;
        longer.push_back(0);
        ASSERT_FALSE(decodes(c, longer, values));
        longer.push_back(0);
        ASSERT_FALSE(decodes(c, longer, values));
      });
    }
  }
}

// Coding is one to one: what decodes at all is what the encoder writes for these values. Damage to
// raw bits and to those of escapes changes a value and nothing else, which nobody can find here.
// `least` is the share that is found.
void expect_damage_found(const Content &c, const Bytes &bytes, double least) {
  int found = 0;
  int tried = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int damage : {1, 0x80, 0xFF}) {
      Bytes damaged = bytes;
      damaged[i] = static_cast<uint8_t>(damaged[i] ^ damage);
      std::vector<int32_t> expected;
      bool right = false;
      on_no_target([&] { right = decodes(c, damaged, expected); });
      ++tried;
      found += !right;
      on_every_target([&] {
        std::vector<int32_t> values;
        ASSERT_EQ(decodes(c, damaged, values), right);
        if (right) {
          ASSERT_EQ(values, expected);
        }
      });
      if (!right) continue;
      Content other = c;
      other.values = expected;
      ChunkReader reader;
      ASSERT_TRUE(reader.open(damaged, expected.size()));
      ASSERT_EQ(encoded_by(other, reader.layout().log2_lanes, reader.layout().chunks), damaged);
    }
  }
  EXPECT_GE(found, least * tried);
}

TEST(Rans, DamagedBytes) {
  for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
    SCOPED_TRACE(log2_lanes);
    const uint64_t chunks = 1 + log2_lanes % 3;
    const Content plain = make_content({0.3, 1, 4}, 200);
    expect_damage_found(plain, encoded_by(plain, log2_lanes, chunks), 0.98);
    const Content raw = make_content({0.3, 1, 4, 60}, 200, 0.02);
    expect_damage_found(raw, encoded_by(raw, log2_lanes, chunks), 0.8);
    const Content escapes = make_content({0.11, 0.5}, 200, 0.02);
    expect_damage_found(escapes, encoded_by(escapes, log2_lanes, chunks), 0.8);
  }
}

// A byte sequence of the format.
TEST(Rans, TheFormatStays) {
  const Content c = pinned_content();
  EXPECT_EQ(hash(encoded(c)), 8131381584135764286U);
  EXPECT_EQ(hash(encoded_by(c, 5, 1)), 8875043843228206449U);
  EXPECT_EQ(hash(encoded_by(c, 3, 3)), 16018733228201405322U);
}

}  // namespace
}  // namespace feat::rans
