// SPDX-License-Identifier: LGPL-2.1-or-later
//
// An .npy file as numbers, mapped into memory and converted as they are asked for.
#pragma once

#include <glib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gst/npy/npyheader.h"

namespace feat {

class NpyArray {
 public:
  // Null: the error says why, as a sentence without a stop that names the file.
  static std::unique_ptr<NpyArray> open(const std::string &path, std::string &error);
  ~NpyArray() { g_mapped_file_unref(file_); }
  NpyArray(const NpyArray &) = delete;
  NpyArray &operator=(const NpyArray &) = delete;

  const std::string &path() const { return path_; }
  std::vector<uint64_t> shape() const;
  std::string shape_text() const;
  uint64_t points() const { return header_.n_points; }
  bool is_integer() const;

  // `count` elements from `first`; whoever calls sees to it that they are there.
  void read(uint64_t first, uint64_t count, std::vector<float> &values) const;
  // Of integers; what does not fit is the nearest that does.
  void read(uint64_t first, uint64_t count, std::vector<int32_t> &values) const;

 private:
  NpyArray(std::string path, GMappedFile *file) : path_(std::move(path)), file_(file) {}
  std::string parse();

  std::string path_;
  GMappedFile *file_;
  npy::Header header_;
  const uint8_t *data_ = nullptr;
};

}  // namespace feat
