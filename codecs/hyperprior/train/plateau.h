// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <limits>

namespace feat::hyperprior::train {

// The learning rate is a tenth from when the loss was not 0.01 % better for more than ten
// validations: PyTorch's ReduceLROnPlateau as it is by default.
struct Plateau {
  double factor = 1;
  double best = std::numeric_limits<double>::infinity();
  int worse = 0;

  void observe(double loss) {
    if (loss < best * (1 - 1e-4)) {
      best = loss;
      worse = 0;
    } else if (++worse > 10) {
      factor /= 10;
      worse = 0;
    }
  }
};

}  // namespace feat::hyperprior::train
