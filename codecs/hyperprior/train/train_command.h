// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codecs/hyperprior/train/settings.h"

namespace feat::hyperprior::train {

// Does what the command line says. Throws Error with one sentence.
void train(Settings settings);

}  // namespace feat::hyperprior::train
