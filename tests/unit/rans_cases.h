// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What any coder of all chunks at a time must do as codecs/rans does it: groups of threads on a CPU
// (rans_warp_test.cpp) and kernels on a GPU (hyperprior_cuda_test.cpp).
#pragma once

#include <functional>

#include "tests/unit/rans_util.h"

namespace feat::rans::test {

struct Coder {
  // Like rans.h's.
  std::function<bool(const Content &, const Bytes &, std::vector<int32_t> &, std::string &)> decode;
  // False: there are more escapes than there is room for.
  std::function<bool(const Content &, const Layout &, Bytes &)> encode;
};

inline Layout layout_of(const Content &c, int log2_lanes, uint64_t chunks) {
  Layout layout{log2_lanes, chunks};
  const uint64_t size = layout.chunk_values(c.values.size());
  layout.chunks = (c.values.size() + size - 1) / size;
  return layout;
}

// The verdict, its sentence and the values.
inline void expect_same_decoding(const Coder &coder, const Content &c, const Bytes &bytes,
                                 bool &right) {
  std::vector<int32_t> expected(c.values.size(), 1);
  std::vector<int32_t> values(c.values.size(), 2);
  std::string expected_error;
  std::string error;
  right = decode(*c.tables, bytes, c.table_of, expected, expected_error);
  const Bytes exact(bytes.begin(), bytes.end());
  ASSERT_EQ(coder.decode(c, exact, values, error), right);
  ASSERT_EQ(error, expected_error);
  if (right) {
    ASSERT_EQ(values, expected);
  }
}

inline void expect_same(const Coder &coder, const Content &c, int log2_lanes, uint64_t chunks) {
  SCOPED_TRACE(testing::Message() << c.values.size() << " values, 2^" << log2_lanes << " lanes, "
                                  << chunks << " chunks");
  const Layout layout = layout_of(c, log2_lanes, chunks);
  Bytes expected;
  encode_by(layout, coding(*c.tables), c.values, c.table_of, expected);
  bool right = false;
  expect_same_decoding(coder, c, expected, right);
  EXPECT_TRUE(right);
  Bytes bytes;
  ASSERT_TRUE(coder.encode(c, layout, bytes));
  EXPECT_EQ(bytes, expected);
}

inline void expect_sizes_and_layouts(const Coder &coder) {
  for (const size_t count : {1, 2, 3, 31, 32, 33, 63, 64, 65, 100, 1000, 8191})
    for (const Content &c :
         {make_content(many_scales(), count, 0.01), make_content({0.11, 0.3, 1, 4}, count, 0.001)})
      for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes)
        for (const uint64_t chunks : {1, 2, 40}) expect_same(coder, c, log2_lanes, chunks);
}

inline void expect_raw_bits(const Coder &coder) {
  for (int raw_bits = 1; raw_bits <= kMaxRawBits; ++raw_bits) {
    SCOPED_TRACE(raw_bits);
    Distribution d = gaussian(20);
    d.first *= 1 << raw_bits;
    d.raw_bits = raw_bits;
    Content c;
    c.tables = build({d, gaussian(3)});
    std::mt19937 rng(1);
    std::normal_distribution<double> normal(0, 20 << raw_bits);
    for (int i = 0; i < 5000; ++i) {
      c.table_of.push_back(rng() % 8 == 0);
      c.values.push_back(
          static_cast<int32_t>(normal(rng) / (c.table_of.back() != 0 ? 7 << raw_bits : 1)));
    }
    for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) expect_same(coder, c, log2_lanes, 3);
  }
}

// Few enough for the room.
inline void expect_extreme_values(const Coder &coder) {
  const std::vector<Distribution> distributions = extreme_distributions();
  for (uint8_t table = 0; table < distributions.size(); ++table) {
    Content c;
    c.tables = build(distributions);
    add_extreme_values(c, table, 3);
    for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) expect_same(coder, c, log2_lanes, 1);
  }
}

// All are escapes: an encoder says so and writes nothing outside of its room.
inline void expect_no_room_for_escapes(const Coder &coder) {
  Content c;
  c.tables = build({gaussian(0.11)});
  c.values.assign(20000, kMaxValue);
  c.table_of.assign(c.values.size(), 0);
  for (const int log2_lanes : {0, 3, 5}) {
    const Layout layout = layout_of(c, log2_lanes, 3);
    Bytes bytes;
    EXPECT_FALSE(coder.encode(c, layout, bytes));
    encode_by(layout, coding(*c.tables), c.values, c.table_of, bytes);
    bool right = false;
    expect_same_decoding(coder, c, bytes, right);
    EXPECT_TRUE(right);
  }
}

// What is damaged is found where rans.h's decoder finds it. `every`: of so many bytes one.
inline void expect_damage_found(const Coder &coder, size_t every) {
  int found = 0;
  for (const auto &scales : {std::vector<double>{0.3, 1, 4}, {0.3, 1, 4, 60}, {0.11, 0.5}}) {
    const Content c = make_content(scales, 300, scales.size() == 3 ? 0 : 0.02);
    for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
      const Bytes bytes = encoded_by(c, log2_lanes, 1 + log2_lanes % 3);
      for (size_t i = 0; i < bytes.size(); i += every) {
        bool right = true;
        expect_same_decoding(coder, c, {bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(i)},
                             right);
        EXPECT_FALSE(right);
        for (const int damage : {1, 0x80, 0xFF}) {
          Bytes damaged = bytes;
          damaged[i] = static_cast<uint8_t>(damaged[i] ^ damage);
          expect_same_decoding(coder, c, damaged, right);
          found += !right;
        }
      }
      Bytes longer = bytes;
      longer.insert(longer.end(), {0, 0});
      bool right = true;
      expect_same_decoding(coder, c, longer, right);
      EXPECT_FALSE(right);
    }
  }
  EXPECT_GT(found, 0);
}

inline void expect_pinned(const Coder &coder) {
  const Content c = pinned_content();
  Bytes bytes;
  ASSERT_TRUE(coder.encode(c, layout_of(c, 5, 1), bytes));
  EXPECT_EQ(hash(bytes), 8875043843228206449U);
  bytes.clear();
  ASSERT_TRUE(coder.encode(c, layout_of(c, 3, 3), bytes));
  EXPECT_EQ(hash(bytes), 16018733228201405322U);
  std::vector<int32_t> values(c.values.size());
  std::string error;
  ASSERT_TRUE(coder.decode(c, bytes, values, error)) << error;
  EXPECT_EQ(values, c.values);
}

}  // namespace feat::rans::test
