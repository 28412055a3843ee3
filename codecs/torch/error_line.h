// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace feat {

// The line of LibTorch's exceptions, which have many, that says what is wrong.
std::string error_line(const std::string &text);

}  // namespace feat
