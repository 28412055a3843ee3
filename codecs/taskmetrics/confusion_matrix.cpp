// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/taskmetrics/task_metrics.h"

namespace feat {

double ConfusionMatrix::Counts::mean_iou() const {
  Average average;
  for (size_t i = 0; i < unions.size(); ++i)
    if (unions[i] > 0)
      average.add(static_cast<double>(intersections[i]) / static_cast<double>(unions[i]));
  return average.mean();
}

ConfusionMatrix::ConfusionMatrix(size_t classes)
    : total_{std::vector<uint64_t>(classes), std::vector<uint64_t>(classes)} {}

ConfusionMatrix::Counts ConfusionMatrix::add(std::span<const int32_t> predicted,
                                             std::span<const int32_t> truth, int32_t ignored) {
  Counts image{std::vector<uint64_t>(classes()), std::vector<uint64_t>(classes())};
  const auto is_class = [&](int32_t label) {
    return label >= 0 && static_cast<size_t>(label) < classes();
  };
  const size_t pixels = std::min(predicted.size(), truth.size());
  for (size_t i = 0; i < pixels; ++i) {
    const int32_t right = truth[i];
    const int32_t guess = predicted[i];
    if (right == ignored || !is_class(right)) continue;
    ++image.unions[static_cast<size_t>(right)];
    if (guess == right)
      ++image.intersections[static_cast<size_t>(right)];
    else if (is_class(guess))
      ++image.unions[static_cast<size_t>(guess)];
  }
  add(image);
  return image;
}

void ConfusionMatrix::add(const Counts &counts) {
  for (size_t i = 0; i < classes(); ++i) {
    total_.intersections[i] += counts.intersections[i];
    total_.unions[i] += counts.unions[i];
  }
}

}  // namespace feat
