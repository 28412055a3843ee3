// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>

#include "codecs/taskmetrics/task_metrics.h"

namespace feat {

double depth_rmse(std::span<const float> predicted, std::span<const float> truth, size_t height,
                  size_t width, const std::optional<DepthCrop> &crop, float min, float max) {
  const DepthCrop part = crop.value_or(DepthCrop{0, height, 0, width});
  Average squares;
  for (size_t y = part.row_from; y < std::min(part.row_to, height); ++y) {
    for (size_t x = part.column_from; x < std::min(part.column_to, width); ++x) {
      const float right = truth[y * width + x];
      if (!(right > min && right < max)) continue;
      const double error =
          static_cast<double>(std::clamp(predicted[y * width + x], min, max)) - right;
      squares.add(error * error);
    }
  }
  return std::sqrt(squares.mean());
}

}  // namespace feat
