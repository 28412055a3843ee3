// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/dependent_quantizer.h"

#include <cmath>

namespace feat::native {

void DependentQuantizer::search(std::span<const float> values, const RowContexts &contexts,
                                const LevelModel &model, float lambda, int rounds,
                                std::span<int32_t> levels) {
  const size_t size = values.size();
  magnitudes_.resize(size);
  for (size_t k = 0; k < size; ++k) {
    magnitudes_[k] = std::fabs(values[k]);
    levels[k] = static_cast<int32_t>(magnitudes_[k] * 0.5F + 0.35F);
  }
  for (int round = 0; round < rounds; ++round)
    search_round({magnitudes_, contexts, model, lambda, levels, bits_});
  for (size_t k = 0; k < size; ++k) {
    const int32_t sign = values[k] < 0 ? -1 : 0;  // no branch: signs are hard to foresee
    levels[k] = (levels[k] ^ sign) - sign;
  }
}

}  // namespace feat::native
