// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Headers of .npy files on disk, for programs.
#pragma once

#include <cstdint>
#include <istream>
#include <string>

#include "gst/npy/npyheader.h"

namespace feat::npy {

// Reads the header from the start of `file`, and leaves the array to be read. Returns what is
// wrong, or "".
std::string read_header(std::istream &file, uint64_t max_points, Header *header);

// What is wrong if the file at `path` is shorter than its header says, or "".
std::string check_size(const std::string &path, const Header &header);

}  // namespace feat::npy
