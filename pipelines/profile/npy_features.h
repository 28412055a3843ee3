// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Features out of .npy files, one after the other.
#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace feat::profile {

// One sentence for the person at the shell.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The .npy files that the arguments name: files as they are, folders with everything below them.
std::vector<std::string> find_npy_files(const std::vector<std::string> &paths);

// The last two dimensions of an array are one feature: rows of channels. With fewer dimensions the
// array is one feature, with more there is one for each of the leading ones.
class NpyFeatures {
 public:
  explicit NpyFeatures(const std::string &path);

  uint32_t channels() const { return channels_; }
  uint64_t rows() const { return rows_; }  // of one feature
  uint64_t features() const { return features_; }
  uint64_t feature_bytes() const { return rows_ * channels_ * item_bytes_; }
  // The next feature as numbers; false behind the last one.
  bool next(std::vector<float> &values);

 private:
  enum class Element { kF32, kF16, kBF16, kF64, kU8, kS8, kU16, kS16, kS32 };

  Error wrong(const std::string &what) const { return Error(path_ + ": " + what); }
  void convert(std::vector<float> &values) const;

  std::string path_;
  std::ifstream file_;
  Element element_ = Element::kF32;
  unsigned item_bytes_ = 0;
  uint32_t channels_ = 0;
  uint64_t rows_ = 0;
  uint64_t features_ = 0;
  uint64_t read_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace feat::profile
