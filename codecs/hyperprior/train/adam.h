// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior::train {

// Adam (Kingma and Ba) with the gradients' common norm cut to 1.
class Adam {
 public:
  // Gradients of `weights`, which become leaves that have them, are what step() takes.
  explicit Adam(Weights &weights);

  void clear_gradients();
  // False, and nothing is changed: a gradient is not finite.
  bool step(double learning_rate);

  // First and second moments under ".m" and ".v" behind the weights' names, for checkpoints.
  Weights moments() const;
  void set_moments(const Weights &moments, uint64_t steps);
  uint64_t steps() const { return steps_; }

 private:
  Weights &weights_;
  Weights first_;
  Weights second_;
  uint64_t steps_ = 0;
};

}  // namespace feat::hyperprior::train
