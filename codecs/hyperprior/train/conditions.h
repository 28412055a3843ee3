// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "codecs/hyperprior/train/packing.h"

namespace feat::hyperprior::train {

// The truncation regions of "cls-hyperprior", "dpt-vtm" and so on. Throws Error.
Ranges ranges_of(const std::string &conditions);

}  // namespace feat::hyperprior::train
