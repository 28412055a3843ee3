// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/row_means.h"

#include <algorithm>

#include "codecs/feature/level_model.h"

namespace feat::native::scalar {

void draw_means(std::span<const int32_t> running, std::span<const int32_t> prior, uint32_t share,
                int32_t *means) {
  const size_t step = prior.size() == 1 ? 0 : 1;
  for (size_t k = 0; k < running.size(); ++k)
    means[k] = std::max(moved(running[k], prior[step * k], share), static_cast<int32_t>(kMinMean));
}

uint64_t add_levels(std::span<const int32_t> levels, uint32_t share, int32_t *running) {
  uint64_t sum = 0;
  for (size_t k = 0; k < levels.size(); ++k) {
    const int32_t magnitude = std::min(levels[k] < 0 ? -levels[k] : levels[k], kRowMagnitudeCap);
    sum += static_cast<uint32_t>(magnitude);
    running[k] = moved(running[k], magnitude << kMeanBits, share);
  }
  return sum;
}

}  // namespace feat::native::scalar
