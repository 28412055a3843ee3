// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace feat::hyperprior::train {

struct Array {
  std::vector<int> shape;
  std::vector<float> values;  // all of them finite
};

// Arrays of float16, float32 and float64, of up to `max_points`. Throws Error.
Array read_npy(const std::string &path, uint64_t max_points);

// The .npy files below a folder, in the order of their names; a file is itself. Throws Error.
std::vector<std::string> find_npy_files(const std::string &path);

}  // namespace feat::hyperprior::train
