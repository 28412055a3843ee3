// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <string>

namespace feat::hyperprior::train {

// One sentence, also where LibTorch says many.
std::string error_text(const std::exception &error);

}  // namespace feat::hyperprior::train
