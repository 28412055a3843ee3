// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>

namespace feat::hyperprior::train {

// One sentence for the person at the shell.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace feat::hyperprior::train
