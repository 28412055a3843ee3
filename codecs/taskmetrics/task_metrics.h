// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How well a task is done: accuracy, mIoU, RMSE of depth, FID. Means of nothing are NaN. Values
// that are not finite make results that are not; whoever has the tensor looks for them first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace feat {

// A mean, as it grows.
class Average {
 public:
  void add(double value) {
    sum_ += value;
    ++count_;
  }
  uint64_t count() const { return count_; }
  double mean() const {
    return count_ > 0 ? sum_ / static_cast<double>(count_)
                      : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double sum_ = 0;
  uint64_t count_ = 0;
};

// Of cls and csr: the share of right answers.
class Accuracy {
 public:
  void add(bool correct) { average_.add(correct ? 1 : 0); }
  uint64_t count() const { return average_.count(); }
  double percent() const { return 100 * average_.mean(); }

 private:
  Average average_;
};

// The index of the largest value, the first of equal ones. Of nothing it is 0.
size_t largest(std::span<const float> values);

// Of csr: the choice whose token has the largest logit, the first of equal ones. Choices below 0
// pad the list, and those beyond the vocabulary have no logit; nothing if all are such.
std::optional<size_t> best_choice(std::span<const float> logits, std::span<const int32_t> tokens);

// Of seg, class by class: pixels that prediction and truth share, and pixels that either has. Sums
// over images; mIoU is that of the sums, not a mean over images.
class ConfusionMatrix {
 public:
  struct Counts {
    std::vector<uint64_t> intersections;
    std::vector<uint64_t> unions;
    // The mean over the classes that are anywhere in prediction or truth; 0 to 1.
    double mean_iou() const;
  };

  explicit ConfusionMatrix(size_t classes);

  // Adds an image and returns its own counts. Both have one label a pixel, in the same order.
  // Pixels whose truth is `ignored`, or no class, do not count. A prediction that is no class is
  // wrong.
  Counts add(std::span<const int32_t> predicted, std::span<const int32_t> truth,
             int32_t ignored = 255);
  // Adds what another one counted, of as many classes.
  void add(const Counts &counts);

  size_t classes() const { return total_.unions.size(); }
  const Counts &counts() const { return total_; }
  double mean_iou() const { return total_.mean_iou(); }

 private:
  Counts total_;
};

// The part of an image that counts; the ends are excluded.
struct DepthCrop {
  size_t row_from = 0;
  size_t row_to = 0;
  size_t column_from = 0;
  size_t column_to = 0;
};

// Of dpt: the root of the mean squared error of one image, over the pixels of the crop whose truth
// lies between min and max, both excluded (0 and NaN mean that there is none). Predictions are
// clamped to this range. NaN without such a pixel. The metric is the mean of this over the images.
double depth_rmse(std::span<const float> predicted, std::span<const float> truth, size_t height,
                  size_t width, const std::optional<DepthCrop> &crop, float min, float max);

// Of tti: mean and covariance of the activations that a network has for images.
class ActivationStatistics {
 public:
  // False, and nothing is added: another number of activations than before.
  bool add(std::span<const float> activations);

  uint64_t count() const { return count_; }
  size_t dimensions() const { return first_.size(); }
  std::vector<double> mean() const;
  // Of the population, from the sample (n - 1), row by row; NaN for fewer than two images.
  std::vector<double> covariance() const;

 private:
  // Sums are of differences to the first image: large means do not drown small variances.
  std::vector<double> first_;
  std::vector<double> sum_;
  std::vector<double> products_;  // the lower triangle counts
  uint64_t count_ = 0;
};

// |m1 - m2|^2 + trace(S1 + S2 - 2 (S1 S2)^(1/2)), the FID of two sets of images. NaN with fewer
// than two images in a set, or with other dimensions. With fewer images than dimensions it is
// defined but says little.
double frechet_distance(const ActivationStatistics &a, const ActivationStatistics &b);

}  // namespace feat
