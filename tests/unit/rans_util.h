// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Contents of tests of the entropy coder.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codecs/rans/encoder.h"
#include "codecs/rans/layout.h"
#include "codecs/rans/rans.h"
#include "codecs/rans/tables.h"

namespace feat::rans::test {

using Bytes = std::vector<uint8_t>;

inline std::shared_ptr<const Tables> build(const std::vector<Distribution> &distributions) {
  std::string error;
  auto tables = Tables::build(distributions, error);
  EXPECT_NE(tables, nullptr) << error;
  return tables;
}

inline const CodingTables &coding(const Tables &tables) {
  return static_cast<const CodingTables &>(tables);
}

struct Content {
  std::shared_ptr<const Tables> tables;
  std::vector<int32_t> values;
  std::vector<uint8_t> table_of;

  double bits() const {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += tables->bits(table_of[i], values[i]);
    return sum;
  }
};

// Values of Gaussians of these scales; a share of them is anything at all.
inline Content make_content(const std::vector<double> &scales, size_t count, double wild = 0) {
  std::vector<Distribution> distributions;
  for (const double scale : scales) distributions.push_back(gaussian(scale));
  Content c;
  c.tables = build(distributions);
  std::mt19937 rng(static_cast<uint32_t>(count));
  std::normal_distribution<double> normal;
  for (size_t i = 0; i < count; ++i) {
    const size_t table = rng() % scales.size();
    c.table_of.push_back(static_cast<uint8_t>(table));
    c.values.push_back(static_cast<int32_t>(std::lround(normal(rng) * scales[table])));
    if (rng() % 1000 < wild * 1000) {
      const int width = 1 + static_cast<int>(rng() % 24);
      const auto distance = static_cast<int32_t>(rng() % (1U << width));
      c.values.back() = (rng() & 1) != 0 ? distance + 1 : -distance - 1;
    }
  }
  return c;
}

inline std::vector<double> many_scales() {
  std::vector<double> scales;
  for (int i = 0; i < 64; ++i) scales.push_back(0.11 * std::pow(256 / 0.11, i / 63.0));
  return scales;
}

inline Bytes encoded(const Content &c) {
  Bytes bytes;
  std::string error;
  EXPECT_TRUE(encode(*c.tables, c.values, c.table_of, bytes, error)) << error;
  return bytes;
}

inline Bytes encoded_by(const Content &c, int log2_lanes, uint64_t chunks) {
  Layout layout{log2_lanes, chunks};
  const uint64_t size = layout.chunk_values(c.values.size());
  layout.chunks = (c.values.size() + size - 1) / size;
  Bytes bytes;
  encode_by(layout, coding(*c.tables), c.values, c.table_of, bytes);
  return bytes;
}

// Tables at both ends of what values can be, and some between.
inline std::vector<Distribution> extreme_distributions() {
  Distribution lowest = gaussian(1);
  lowest.first = -kMaxValue;
  Distribution highest = gaussian(1);
  highest.first = kMaxValue - static_cast<int32_t>(highest.frequencies.size()) + 2;
  return {lowest, gaussian(0.11), gaussian(1), gaussian(256), highest};
}

// Adds values of that table around powers of two, of every `shift_step`th one.
inline void add_extreme_values(Content &c, uint8_t table, int shift_step) {
  for (int shift = 0; shift <= 24; shift += shift_step) {
    for (const int32_t around : {-1, 0, 1}) {
      for (const int32_t sign : {-1, 1}) {
        const int32_t v = sign * ((1 << shift) + around);
        if (v < -kMaxValue || v > kMaxValue) continue;
        c.values.push_back(v);
        c.table_of.push_back(table);
      }
    }
  }
}

// Made without the arithmetic of a floating-point library.
inline Content pinned_content() {
  Distribution narrow;
  narrow.first = -2;
  narrow.frequencies = {500, 9000, 46531, 9000, 500, 5};
  Distribution wide;
  wide.first = -512;
  wide.raw_bits = 3;
  wide.frequencies.assign(128, 511);
  wide.frequencies.push_back(128);
  Content c;
  c.tables = build({narrow, wide});
  uint32_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    state = state * 1664525 + 1013904223;
    c.table_of.push_back(state >> 31);
    const auto spread = static_cast<int32_t>(state >> 16 & 0x3FF);
    c.values.push_back(state >> 31 != 0 ? spread - 500 : (spread % 5 * (spread % 3) % 5) - 2);
    if (i % 97 == 0) c.values.back() = (spread - 512) * 1000;
  }
  return c;
}

inline uint64_t hash(const Bytes &bytes) {
  uint64_t h = 0xCBF29CE484222325;
  for (const uint8_t b : bytes) h = (h ^ b) * 0x100000001B3;
  return h;
}

}  // namespace feat::rans::test
