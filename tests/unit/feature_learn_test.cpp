// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "codecs/feature/learn/profile_learner.h"
#include "codecs/feature/learn/rate_curve.h"
#include "codecs/feature/learn/shrinkage.h"
#include "tests/unit/feature_profile_util.h"

namespace feat::native {
namespace {

using Code = Status::Code;
using Rows = std::vector<float>;

// Features whose statistics are known: components of falling variance, each an autoregressive
// process along the rows, plus a mean for each position.
struct Process {
  uint32_t channels;
  Numbers basis;
  Numbers deviations;
  double correlation = 0;
  Numbers mean;
  std::vector<Numbers> positions;  // in channels
  std::mt19937 random;

  explicit Process(uint32_t count, unsigned seed = 1) : channels(count), random(seed) {
    basis = orthonormal_rows(random, channels, channels);
    for (uint32_t k = 0; k < channels; ++k) deviations.push_back(8 * std::pow(0.8, k));
    mean = normal_numbers(random, channels);
  }

  Rows feature(size_t rows) {
    Rows values(rows * channels);
    Numbers state = normal_numbers(random, channels);
    for (size_t i = 0; i < rows; ++i) {
      if (i > 0) {
        const Numbers fresh = normal_numbers(random, channels);
        for (size_t k = 0; k < channels; ++k)
          state[k] = correlation * state[k] + std::sqrt(1 - correlation * correlation) * fresh[k];
      }
      for (size_t c = 0; c < channels; ++c) {
        double value = mean[c] + (i < positions.size() ? positions[i][c] : 0);
        for (size_t k = 0; k < channels; ++k)
          value += state[k] * deviations[k] * basis[k * channels + c];
        values[i * channels + c] = static_cast<float>(value);
      }
    }
    return values;
  }
};

void add(ProfileLearner &learner, const Rows &values, uint32_t channels) {
  const Status status = learner.add_rows(values, channels);
  ASSERT_TRUE(status.ok()) << status.message;
}

ProfileData finish(ProfileLearner &learner, LearnReport *report = nullptr) {
  ProfileData data;
  LearnReport unused;
  const Status status = learner.finish(data, report != nullptr ? *report : unused);
  EXPECT_TRUE(status.ok()) << status.message;
  return data;
}

ProfileData learn(Process &process, int features, size_t rows, LearnOptions options = {},
                  LearnReport *report = nullptr) {
  ProfileLearner learner(std::move(options));
  for (int i = 0; i < features; ++i) add(learner, process.feature(rows), process.channels);
  return finish(learner, report);
}

double product(const ProfileData &data, const Process &process, size_t k) {
  double sum = 0;
  for (size_t c = 0; c < data.channels; ++c)
    sum += data.basis[k * data.channels + c] * process.basis[k * data.channels + c];
  return sum;
}

TEST(FeatureLearn, RecoversTheProcess) {
  Process process(16);
  process.correlation = 0.6;
  LearnReport report;
  const ProfileData data = learn(process, 60, 200, {.name = "n", .origin = "o"}, &report);
  EXPECT_EQ(data.name, "n");
  EXPECT_EQ(data.origin, "o");
  EXPECT_EQ(data.positions, 0);  // there are none, and chance must not look like some
  EXPECT_EQ(report.features, 60);
  EXPECT_EQ(report.rows, 12000);
  ASSERT_EQ(data.components, 16);
  for (size_t k = 0; k < 16; ++k) {
    EXPECT_GT(std::abs(product(data, process, k)), 0.97) << k;
    EXPECT_NEAR(data.deviations[k] / process.deviations[k], 1, 0.05) << k;
    EXPECT_NEAR(data.correlations[k], 0.6, 0.05) << k;
  }
  for (size_t c = 0; c < 16; ++c) EXPECT_NEAR(data.mean[c], process.mean[c], 0.5);
  // (1 - 0.36) / (1 + 0.36)
  EXPECT_NEAR(report.independent_rows / 12000, 0.47, 0.04);
}

TEST(FeatureLearn, RecoversPositions) {
  Process process(16, 2);
  process.correlation = 0.5;
  for (int i = 0; i < 20; ++i) {
    Numbers mean = normal_numbers(process.random, 16);
    for (double &v : mean) v *= i == 0 ? 100 : 2;
    process.positions.push_back(mean);
  }
  LearnReport report;
  const ProfileData data = learn(process, 300, 20, {}, &report);
  ASSERT_EQ(data.positions, 20);
  EXPECT_GT(report.position_bits, 0.1);
  double error = 0;
  for (size_t i = 0; i < 20; ++i) {
    for (size_t c = 0; c < 16; ++c) {
      double mean = data.mean[c];
      for (size_t k = 0; k < 16; ++k)
        mean += data.position_means[i * 16 + k] * data.basis[k * 16 + c];
      error += std::pow(mean - process.mean[c] - process.positions[i][c], 2) / (20 * 16);
    }
  }
  // The variance of a value is 64 / 0.36 / 16; a position has 300 samples.
  EXPECT_LT(error, 1.5 * 64 / 0.36 / 16 / 300);
  for (size_t k = 0; k < 16; ++k) {
    EXPECT_NEAR(data.deviations[k] / process.deviations[k], 1, 0.1) << k;
    EXPECT_NEAR(data.correlations[k], 0.5, 0.08) << k;
  }
}

// One special token in front of texts of all lengths, as language models have it.
TEST(FeatureLearn, FirstTokenOfTextsOfAllLengths) {
  Process process(12, 3);
  process.positions.assign(1, Numbers(12, 0));
  process.positions[0][4] = 3000;
  ProfileLearner learner({.max_positions = 8});
  for (int i = 0; i < 200; ++i)
    add(learner, process.feature(5 + process.random() % 60), process.channels);
  const ProfileData data = finish(learner);
  ASSERT_GE(data.positions, 1);
  EXPECT_LE(data.positions, 8);
  // The mean is that of the others, and they lose no precision to it.
  EXPECT_NEAR(data.mean[4], process.mean[4], 0.5);
  for (size_t k = 0; k < 12; ++k)
    EXPECT_NEAR(data.deviations[k] / process.deviations[k], 1, 0.06) << k;
}

TEST(FeatureLearn, NoPositions) {
  Process process(8, 4);
  process.positions.assign(10, Numbers(8, 5));
  const ProfileData data = learn(process, 50, 20, {.max_positions = 0});
  EXPECT_EQ(data.positions, 0);
  EXPECT_TRUE(data.position_means.empty());
}

// The same features in any format, at once or by rows: the same profile.
TEST(FeatureLearn, FormatsAndShapes) {
  std::mt19937 random(5);
  ProfileLearner as_floats({});
  ProfileLearner as_bytes({.threads = 1});
  for (int i = 0; i < 20; ++i) {
    std::vector<uint8_t> bytes(30 * 8);
    for (uint8_t &b : bytes) b = static_cast<uint8_t>(random() % 200);
    add(as_floats, Rows(bytes.begin(), bytes.end()), 8);
    ASSERT_TRUE(as_bytes.add({Format::kU8, {3, 10, 8}}, bytes).ok());
  }
  const ProfileData a = finish(as_floats);
  const ProfileData b = finish(as_bytes);
  EXPECT_EQ(a.basis, b.basis);
  EXPECT_EQ(a.deviations, b.deviations);
}

// Sums are gathered in blocks; a direct computation in doubles gives the same.
TEST(FeatureLearn, SumsAreRight) {
  Process process(6, 6);
  ProfileLearner learner({.max_positions = 0});
  Numbers sum(6);
  Numbers squares(36);
  size_t rows = 0;
  for (int i = 0; i < 30; ++i) {
    const Rows values = process.feature(57);
    add(learner, values, 6);
    for (size_t r = 0; r < 57; ++r, ++rows) {
      for (size_t a = 0; a < 6; ++a) {
        sum[a] += values[r * 6 + a];
        for (size_t b = 0; b < 6; ++b)
          squares[a * 6 + b] += double{values[r * 6 + a]} * values[r * 6 + b];
      }
    }
  }
  LearnReport report;
  const ProfileData data = finish(learner, &report);
  for (size_t k = 0; k < 6; ++k) {
    double variance = 0;
    for (size_t a = 0; a < 6; ++a)
      for (size_t b = 0; b < 6; ++b)
        variance += data.basis[k * 6 + a] * data.basis[k * 6 + b] *
                    (squares[a * 6 + b] - sum[a] * sum[b] / static_cast<double>(rows)) /
                    static_cast<double>(rows - 1);
    EXPECT_NEAR(report.eigenvalues[k] / variance, 1, 1e-4) << k;
  }
}

TEST(FeatureLearn, ClipsAndWeighs) {
  Process process(6, 7);
  LearnReport report;
  std::vector<float> weights(6, 1);
  weights[2] = 1000;
  const ProfileData data =
      learn(process, 20, 50, {.clip_min = -1, .clip_max = 2, .weights = weights}, &report);
  for (size_t c = 0; c < 6; ++c) EXPECT_TRUE(data.mean[c] > -1 && data.mean[c] < 2);
  EXPECT_EQ(data.weights, weights);
  // The channel that matters most is the first component.
  EXPECT_GT(std::abs(data.basis[2]), 0.99);
}

TEST(FeatureLearn, FewComponents) {
  Process process(10, 8);
  const ProfileData data = learn(process, 20, 50, {.components = 3});
  EXPECT_EQ(data.components, 3);
  EXPECT_EQ(data.basis.size(), 30);
  std::vector<uint8_t> file;
  EXPECT_TRUE(Profile::write(data, file).ok());
}

// Channels that never change, fewer rows than channels, a single channel: a profile nevertheless.
TEST(FeatureLearn, DegenerateFeatures) {
  ProfileLearner constant({});
  for (int i = 0; i < 10; ++i) add(constant, Rows(40, 7.5F), 4);
  ProfileLearner few({});
  Process process(32, 9);
  add(few, process.feature(10), 32);
  ProfileLearner single({});
  for (int i = 0; i < 9; ++i) add(single, Rows{1.F * i, 2, 3}, 1);
  for (ProfileLearner *learner : {&constant, &few, &single}) {
    const ProfileData data = finish(*learner);
    std::vector<uint8_t> file;
    const Status status = Profile::write(data, file);
    EXPECT_TRUE(status.ok()) << status.message;
  }
}

TEST(FeatureLearn, WrongInput) {
  ProfileLearner learner({});
  EXPECT_EQ(learner.add_rows(Rows(7), 2).code, Code::kInvalidArgument);
  EXPECT_EQ(learner.add_rows(Rows(), 0).code, Code::kInvalidArgument);
  EXPECT_EQ(learner.add({Format::kF32, {2, 2}}, std::vector<uint8_t>(15)).code,
            Code::kInvalidArgument);
  Rows bad(8, 1);
  bad[5] = std::numeric_limits<float>::quiet_NaN();
  const Status status = learner.add_rows(bad, 4);
  EXPECT_EQ(status.code, Code::kNonFinite);
  EXPECT_NE(status.message.find("element 5 is NaN"), std::string::npos) << status.message;
  EXPECT_EQ(learner.rows(), 0);
  add(learner, Rows(4, 1), 4);
  EXPECT_EQ(learner.add_rows(Rows(10), 5).code, Code::kInvalidArgument);
  ProfileData data;
  LearnReport report;
  EXPECT_EQ(learner.finish(data, report).code, Code::kInvalidArgument);  // a single row

  EXPECT_FALSE(ProfileLearner({.weights = {1, 2}}).add_rows(Rows(9), 3).ok());
  EXPECT_FALSE(ProfileLearner({.weights = {1, 0, 1}}).add_rows(Rows(9), 3).ok());
  EXPECT_FALSE(ProfileLearner({.components = 4}).add_rows(Rows(9), 3).ok());
  EXPECT_FALSE(ProfileLearner({.clip_min = 1, .clip_max = 1}).add_rows(Rows(9), 3).ok());
  EXPECT_EQ(ProfileLearner({}).add_rows(Rows(9000), 9000).code, Code::kLimit);
}

// Eigenvalues of few samples of white noise spread; what is expected of others does not.
TEST(FeatureLearn, ShrinksEigenvalues) {
  Process process(48, 10);
  std::ranges::fill(process.deviations, 1.0);
  for (const size_t rows : {40, 96, 1000}) {
    LearnReport report;
    ProfileLearner learner({});
    add(learner, process.feature(rows), 48);
    finish(learner, &report);
    const auto spread = [](const Numbers &v) { return v.front() - v.back(); };
    EXPECT_LT(spread(report.variances), 0.5 * spread(report.eigenvalues)) << rows;
    EXPECT_NEAR(report.variances.front(), 1, 0.4) << rows;
  }
}

TEST(FeatureLearn, ShrinkageIsBounded) {
  EXPECT_TRUE(shrink_eigenvalues({}, 0, 100).empty());
  for (const double samples : {4.0, 99.0, 100.0, 101.0, 1e9}) {
    Numbers values;
    for (int i = 0; i < 100; ++i) values.push_back(std::pow(10.0, -i / 8.0));
    values.resize(110, 0);
    const Numbers shrunk = shrink_eigenvalues(values, 100, samples);
    ASSERT_EQ(shrunk.size(), 110);
    for (size_t i = 0; i < 110; ++i) {
      EXPECT_TRUE(std::isfinite(shrunk[i]) && shrunk[i] >= 0) << samples << " " << i;
      if (i > 0) {
        EXPECT_LE(shrunk[i], shrunk[i - 1]);
      }
    }
    EXPECT_EQ(shrunk.back(), 0);
    if (samples > 1e6) {
      for (size_t i = 0; i < 100; ++i) EXPECT_NEAR(shrunk[i] / values[i], 1, 0.01);
    }
  }
}

TEST(FeatureLearn, FallingSequences) {
  Numbers values = {1, 3, 2, 2, 5, 0};
  make_falling(values);
  EXPECT_EQ(values, Numbers({2.6, 2.6, 2.6, 2.6, 2.6, 0}));
}

TEST(FeatureLearn, GaussianRate) {
  EXPECT_DOUBLE_EQ(gaussian_rate(Numbers{4}, 1), 1);
  EXPECT_EQ(gaussian_rate(Numbers{4}, 4), 0);
  EXPECT_EQ(gaussian_rate(Numbers{}, 1), 0);
  // 16 and 1 at a level of 2: the second is left out, and an error of 1.5 on average is reached.
  EXPECT_NEAR(gaussian_rate(Numbers{16, 1}, 1.5), 0.5 * 0.5 * std::log2(8.0), 1e-9);
}

}  // namespace
}  // namespace feat::native
