// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "codecs/hyperprior/train/settings.h"

namespace feat::hyperprior::train {

// "cls-0.01" and so on: a lambda of Table 7 of the paper. Sets what the command line left open.
// Throws Error.
void apply_preset(Settings &settings);

// All of them, for the help text.
std::string preset_names();

}  // namespace feat::hyperprior::train
