// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/taskmetrics/task_metrics.h"

namespace feat {

size_t largest(std::span<const float> values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

std::optional<size_t> best_choice(std::span<const float> logits, std::span<const int32_t> tokens) {
  std::optional<size_t> best;
  float best_logit = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || static_cast<size_t>(tokens[i]) >= logits.size()) continue;
    const float logit = logits[static_cast<size_t>(tokens[i])];
    if (best && !(logit > best_logit)) continue;
    best = i;
    best_logit = logit;
  }
  return best;
}

}  // namespace feat
