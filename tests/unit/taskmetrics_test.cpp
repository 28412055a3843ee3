// SPDX-License-Identifier: LGPL-2.1-or-later
// Golden values are those that taskmetrics_reference.py prints.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "codecs/taskmetrics/task_metrics.h"

namespace feat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Numbers in [0,1) with 24 bits, the same as in the script.
std::vector<double> uniform(size_t count, uint32_t state) {
  std::vector<double> numbers(count);
  for (double &number : numbers) {
    state = state * 1664525 + 1013904223;
    number = (state >> 8) / 16777216.0;
  }
  return numbers;
}

struct Labels {
  std::vector<int32_t> predicted, truth;
};

Labels make_labels() {
  const std::vector<double> kind = uniform(400, 1), chance = uniform(400, 2),
                            other = uniform(400, 3);
  Labels labels;
  for (size_t i = 0; i < 400; ++i) {
    labels.predicted.push_back(static_cast<int32_t>(kind[i] * 5));
    const int32_t wrong = static_cast<int32_t>(other[i] * 5);
    labels.truth.push_back(i % 17 == 0 ? 255 : chance[i] < 0.6 ? labels.predicted[i] : wrong);
  }
  labels.predicted[5] = 6;
  return labels;
}

TEST(Average, OfNothingIsNaN) {
  Average average;
  EXPECT_TRUE(std::isnan(average.mean()));
  average.add(1);
  average.add(4);
  EXPECT_DOUBLE_EQ(average.mean(), 2.5);
  EXPECT_EQ(average.count(), 2U);
}

TEST(Accuracy, IsInPercent) {
  Accuracy accuracy;
  EXPECT_TRUE(std::isnan(accuracy.percent()));
  for (const bool correct : {true, false, true, true}) accuracy.add(correct);
  EXPECT_DOUBLE_EQ(accuracy.percent(), 75);
  EXPECT_EQ(accuracy.count(), 4U);
}

TEST(Largest, TakesTheFirstOfEqualOnes) {
  EXPECT_EQ(largest(std::vector<float>{-3, 2, 7, 7, 1}), 2U);
  EXPECT_EQ(largest(std::vector<float>{-3}), 0U);
  EXPECT_EQ(largest({}), 0U);
}

TEST(BestChoice, LooksAtTheChoicesAlone) {
  const std::vector<float> logits = {9, 1, 5, 3, 5};
  EXPECT_EQ(best_choice(logits, std::vector<int32_t>{1, 3, 4, 2}), 2U);
  EXPECT_EQ(best_choice(logits, std::vector<int32_t>{3, 1, -1, -1}), 0U);
  EXPECT_EQ(best_choice(logits, std::vector<int32_t>{-1, 5, 1}), 2U)
      << "5 is beyond the vocabulary";
  EXPECT_EQ(best_choice(logits, std::vector<int32_t>{-1, 5}), std::nullopt);
}

TEST(ConfusionMatrix, ByHand) {
  ConfusionMatrix matrix(3);
  EXPECT_TRUE(std::isnan(matrix.mean_iou()));
  const std::vector<int32_t> predicted = {0, 0, 1, 1, 0, 2, 9}, truth = {0, 1, 1, 0, 255, 255, 1};
  const ConfusionMatrix::Counts image = matrix.add(predicted, truth);
  EXPECT_EQ(image.intersections, (std::vector<uint64_t>{1, 1, 0}));
  EXPECT_EQ(image.unions, (std::vector<uint64_t>{3, 4, 0}));
  // Class 2 is predicted where the truth is ignored, which is as if it were nowhere.
  EXPECT_DOUBLE_EQ(matrix.mean_iou(), (1.0 / 3 + 1.0 / 4) / 2);
}

TEST(ConfusionMatrix, SumsOverImages) {
  const Labels labels = make_labels();
  const std::span<const int32_t> predicted(labels.predicted), truth(labels.truth);
  ConfusionMatrix matrix(6);
  const ConfusionMatrix::Counts first = matrix.add(predicted.first(200), truth.first(200));
  const ConfusionMatrix::Counts second = matrix.add(predicted.last(200), truth.last(200));
  EXPECT_NEAR(first.mean_iou(), 0.4453850487293017, 1e-15);
  EXPECT_NEAR(matrix.mean_iou(), 0.4494789605225238, 1e-15);
  ConfusionMatrix sums(6);
  sums.add(second);
  sums.add(first);
  EXPECT_EQ(sums.mean_iou(), matrix.mean_iou());
}

TEST(ConfusionMatrix, AnotherLabelIsIgnored) {
  ConfusionMatrix matrix(2);
  matrix.add(std::vector<int32_t>{0, 1}, std::vector<int32_t>{0, 0}, 0);
  EXPECT_TRUE(std::isnan(matrix.mean_iou()));
}

TEST(DepthRmse, ByHand) {
  const std::vector<float> predicted = {1, 2, 30, -5}, truth = {2, 4, 9, 1};
  EXPECT_DOUBLE_EQ(depth_rmse(predicted, truth, 2, 2, {}, 0, 10), std::sqrt((1 + 4 + 1 + 1) / 4.0));
  // The ends of the range do not count, nor do 0 and NaN.
  EXPECT_DOUBLE_EQ(depth_rmse(predicted, std::vector<float>{10, 0, kNaN, 1}, 2, 2, {}, 0, 10), 1);
  EXPECT_DOUBLE_EQ(depth_rmse(predicted, truth, 2, 2, DepthCrop{0, 1, 1, 2}, 0, 10), 2);
  EXPECT_TRUE(std::isnan(depth_rmse(predicted, std::vector<float>(4), 2, 2, {}, 0, 10)));
  EXPECT_TRUE(std::isnan(depth_rmse(predicted, truth, 2, 2, DepthCrop{1, 1, 0, 2}, 0, 10)));
  EXPECT_TRUE(std::isnan(depth_rmse(std::vector<float>{1, kNaN}, truth, 1, 2, {}, 0, 10)));
}

TEST(DepthRmse, Golden) {
  const std::vector<double> a = uniform(96, 4), b = uniform(96, 5);
  std::vector<float> predicted(96), truth(96);
  for (size_t i = 0; i < 96; ++i) {
    predicted[i] = static_cast<float>(a[i] * 12);
    truth[i] = static_cast<float>(b[i] * 12);
  }
  truth[2 * 12 + 3] = 0;
  EXPECT_NEAR(depth_rmse(predicted, truth, 8, 12, {}, 0.001F, 10), 4.373853093917087, 1e-13);
  EXPECT_NEAR(depth_rmse(predicted, truth, 8, 12, DepthCrop{1, 7, 2, 11}, 0.001F, 10),
              4.498601479943884, 1e-13);
}

// The two sets of the script, as x * scale + offset.
ActivationStatistics first_set(size_t images, double scale = 1, double offset = 0) {
  const std::vector<double> numbers = uniform(40 * 8, 6);
  ActivationStatistics set;
  for (size_t i = 0; i < images; ++i) {
    std::vector<float> row(8);
    for (size_t k = 0; k < 8; ++k) row[k] = static_cast<float>(numbers[i * 8 + k] * scale + offset);
    EXPECT_TRUE(set.add(row));
  }
  return set;
}

ActivationStatistics second_set(size_t images, double scale = 1, double offset = 0) {
  const std::vector<double> numbers = uniform(50 * 8, 7);
  ActivationStatistics set;
  for (size_t i = 0; i < images; ++i) {
    std::vector<float> row(8);
    for (size_t k = 0; k < 8; ++k) {
      const double x = numbers[i * 8 + k];
      row[k] = static_cast<float>(static_cast<float>(x * x + k / 8.0) * scale + offset);
    }
    EXPECT_TRUE(set.add(row));
  }
  return set;
}

TEST(FrechetDistance, Golden) {
  EXPECT_NEAR(frechet_distance(first_set(40), second_set(50)), 1.31636735451143, 1e-12);
  EXPECT_NEAR(frechet_distance(second_set(50), first_set(40)), 1.31636735451143, 1e-12);
}

TEST(FrechetDistance, LargeMeansDoNotDrownVariances) {
  EXPECT_NEAR(frechet_distance(first_set(40, 0.5, 1000), second_set(50, 0.5, 1000)),
              0.32908602115869345, 1e-10);
}

TEST(FrechetDistance, FewerImagesThanDimensions) {
  EXPECT_NEAR(frechet_distance(first_set(5), second_set(6)), 1.6955553293221985, 1e-7);
}

TEST(FrechetDistance, OfEqualSetsIsZero) {
  EXPECT_NEAR(frechet_distance(first_set(40), first_set(40)), 0, 1e-12);
  EXPECT_NEAR(frechet_distance(first_set(4), first_set(4)), 0, 1e-6);
}

TEST(FrechetDistance, NeedsTwoImagesAndEqualDimensions) {
  EXPECT_TRUE(std::isnan(frechet_distance(first_set(1), second_set(50))));
  EXPECT_TRUE(std::isnan(frechet_distance(first_set(40), ActivationStatistics())));
  ActivationStatistics other;
  EXPECT_TRUE(other.add(std::vector<float>{1, 2}));
  EXPECT_TRUE(other.add(std::vector<float>{2, 2}));
  EXPECT_FALSE(other.add(std::vector<float>{1, 2, 3}));
  EXPECT_EQ(other.count(), 2U);
  EXPECT_TRUE(std::isnan(frechet_distance(first_set(40), other)));
}

TEST(ActivationStatistics, MeanAndCovariance) {
  ActivationStatistics set;
  EXPECT_TRUE(set.add(std::vector<float>{1, 10}));
  EXPECT_TRUE(std::isnan(set.covariance().at(0)));
  EXPECT_TRUE(set.add(std::vector<float>{3, 14}));
  EXPECT_EQ(set.mean(), (std::vector<double>{2, 12}));
  EXPECT_EQ(set.covariance(), (std::vector<double>{2, 4, 4, 8}));
  const std::vector<double> golden = first_set(40).covariance();
  EXPECT_NEAR(golden[0], 0.07883991370487592, 1e-15);
  EXPECT_NEAR(golden[1], 0.013451497570022454, 1e-15);
  EXPECT_NEAR(golden[9], 0.10839749974227374, 1e-15);
}

}  // namespace
}  // namespace feat
