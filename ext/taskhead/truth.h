// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is right for each sample: one .npy file whose first dimension counts samples, or a file for
// each sample, by a pattern such as truth/%05d.npy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ext/taskhead/npy_array.h"

namespace feat {

class Truth {
 public:
  enum class Found { kYes, kMissing, kBroken };

  // Null: the error says why, as a sentence without a stop.
  static std::unique_ptr<Truth> open(const std::string &path, std::string &error);

  // The numbers of a sample and their shape. Labels must be integers. kMissing and kBroken set the
  // error, as a sentence without a stop.
  template <typename T>
  Found get(uint64_t sample, std::vector<T> &values, std::vector<uint64_t> &shape,
            std::string &error);

 private:
  Found find(uint64_t sample, std::string &error);

  std::string path_;
  std::unique_ptr<NpyArray> array_;  // all samples, or the last one
  bool is_pattern_ = false;
  // Of the sample that was found.
  std::vector<uint64_t> shape_;
  uint64_t first_ = 0;
  uint64_t count_ = 0;
};

// The name of a sample's file: one %d, %3d or %03d is the number. False: there is not exactly one.
bool expand_pattern(const std::string &pattern, uint64_t number, std::string &name);

}  // namespace feat
