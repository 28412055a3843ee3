// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "pipelines/bench/analyse_arithmetic.h"

using namespace feat::bench;

TEST(BenchAnalyse, StatisticsDoNotDependOnTheParts) {
  std::vector<float> values;
  std::mt19937 random(1);
  std::normal_distribution<float> normal(1000, 1);
  for (int i = 0; i < 5000; ++i) values.push_back(normal(random));
  ValueStatistics whole;
  whole.add(values);
  ValueStatistics parts;
  parts.add({});
  parts.add(std::span(values).subspan(0, 7));
  parts.add(std::span(values).subspan(7));
  EXPECT_EQ(parts.count(), 5000U);
  EXPECT_EQ(parts.min(), whole.min());
  EXPECT_EQ(parts.max(), whole.max());
  EXPECT_NEAR(parts.mean(), whole.mean(), 1e-9);
  EXPECT_NEAR(parts.variance(), whole.variance(), 1e-9);
  EXPECT_NEAR(whole.variance(), 1, 0.1);
}

TEST(BenchAnalyse, StatisticsByHand) {
  ValueStatistics statistics;
  statistics.add(std::vector<float>{-2, 4});
  statistics.add(std::vector<float>{1, 1});
  EXPECT_EQ(statistics.min(), -2);
  EXPECT_EQ(statistics.max(), 4);
  EXPECT_DOUBLE_EQ(statistics.mean(), 1);
  EXPECT_DOUBLE_EQ(statistics.variance(), 18.0 / 4);
}

TEST(BenchAnalyse, HistogramCountsBothEnds) {
  Histogram histogram(-1, 1, 4);
  histogram.add(std::vector<float>{-1, -0.5F, 0, 0.4F, 1, 7, -7});
  const std::vector<uint64_t> wanted = {2, 1, 2, 2};
  for (size_t bin = 0; bin < 4; ++bin) EXPECT_EQ(histogram.count(bin), wanted[bin]) << bin;
  EXPECT_DOUBLE_EQ(histogram.edge(1), -0.5);
  EXPECT_DOUBLE_EQ(histogram.edge(4), 1);
  EXPECT_DOUBLE_EQ(histogram.cumulative()[1], 3.0 / 7);
  EXPECT_DOUBLE_EQ(histogram.cumulative()[3], 1);
}

TEST(BenchAnalyse, HistogramOfOneValue) {
  Histogram histogram(3, 3, 8);
  histogram.add(std::vector<float>(5, 3));
  EXPECT_EQ(histogram.count(0), 5U);
  EXPECT_EQ(histogram.total(), 5U);
}

TEST(BenchAnalyse, TenBits) {
  const std::vector<float> values = {-3, -2, 2, 5, 0, -2 + 4.0F * 0.4F / 1023};
  const std::vector<uint16_t> wanted = {0, 0, 1023, 1023, 512, 0};
  EXPECT_EQ(to_ten_bits(values, -2, 2), wanted);
  EXPECT_EQ(to_ten_bits(std::vector<float>{1, 1}, 1, 1), std::vector<uint16_t>(2));
  EXPECT_EQ(to_ten_bits(std::vector<float>{-3e38F, 3e38F}, -3e38F, 3e38F),
            (std::vector<uint16_t>{0, 1023}));
}

TEST(BenchAnalyse, VarianceOfCodes) {
  EXPECT_DOUBLE_EQ(variance(std::vector<uint16_t>{0, 1023}), 1023 * 1023 / 4.0);
  EXPECT_DOUBLE_EQ(variance(std::vector<uint16_t>(9, 1023)), 0);
}

TEST(BenchAnalyse, GradientOfARamp) {
  // Columns rise by 3: 4 * 2 * 3 inside. In the outermost columns the mirror takes the slope away.
  std::vector<uint16_t> ramp;
  for (int r = 0; r < 5; ++r)
    for (int c = 0; c < 6; ++c) ramp.push_back(static_cast<uint16_t>(3 * c));
  EXPECT_DOUBLE_EQ(gradient_sums(ramp, 5, 6).length, 5 * 4 * 24);
  EXPECT_DOUBLE_EQ(gradient_sums(ramp, 5, 6).eight_bit, 5 * 4 * 12);
}

TEST(BenchAnalyse, GradientOfAPoint) {
  // One point of 1 in the middle: its eight neighbours see (2, 0) or (1, 1), itself sees nothing.
  std::vector<uint16_t> plane(49);
  plane[3 * 7 + 3] = 1;
  EXPECT_DOUBLE_EQ(gradient_sums(plane, 7, 7).length, 4 * 2 + 4 * std::sqrt(2.0));
}

TEST(BenchAnalyse, EightBitsEnd) {
  // 4 * 1000 across, which ends at 255, and nothing down.
  const std::vector<uint16_t> plane = {0, 0, 1000, 1000, 0, 0, 1000, 1000};
  EXPECT_DOUBLE_EQ(gradient_sums(plane, 2, 4).eight_bit, 2 * 2 * 255 / 2.0);
  EXPECT_DOUBLE_EQ(gradient_sums(plane, 2, 4).length, 2 * 2 * 4000);
}

TEST(BenchAnalyse, GradientOfNarrowPlanes) {
  EXPECT_EQ(gradient_sums(std::vector<uint16_t>{5}, 1, 1).length, 0);
  // In a single row all three rows are that row: 1 + 2 + 1 times the difference of the neighbours.
  EXPECT_DOUBLE_EQ(gradient_sums(std::vector<uint16_t>{0, 10, 30}, 1, 3).length, 4 * 30);
  EXPECT_DOUBLE_EQ(gradient_sums(std::vector<uint16_t>{0, 10, 30}, 3, 1).length, 4 * 30);
}

TEST(BenchAnalyse, DctKeepsEnergyAndFindsACosine) {
  constexpr size_t kSize = 16;
  std::vector<double> block(kSize * kSize);
  for (size_t r = 0; r < kSize; ++r)
    for (size_t c = 0; c < kSize; ++c)
      block[r * kSize + c] = std::cos(M_PI * (static_cast<double>(c) + 0.5) * 3 / kSize);
  const std::vector<double> dct = dct_of_block(block, kSize);
  // Row 0 (no change downwards), column 3; the energy of 256 squares of a cosine is 128.
  for (size_t i = 0; i < dct.size(); ++i)
    EXPECT_NEAR(dct[i], i == 3 ? std::sqrt(128.0) : 0, 1e-9) << i;
  EXPECT_NEAR(dct_of_block(std::vector<double>(9, 2), 3)[0], 6, 1e-12);
}
