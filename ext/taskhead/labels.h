// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace feat {

// The lines of a text file. False: the error is a sentence.
bool read_labels(const std::string &path, std::vector<std::string> &labels, std::string &error);

}  // namespace feat
