// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Arrays in memory and in .npy files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gst/npy/npyheader.h"

namespace feat::bench {

// A tensor as buffers and .npy files hold it: little-endian, in C order.
struct Array {
  std::string format;  // as caps name it: "F32LE"
  std::vector<int> shape;
  std::vector<uint8_t> bytes;

  uint64_t points() const;
};

// Bytes of an element; 0 for a format that does not exist.
size_t size_of_format(const std::string &format);

// "(1, 145, 128)"
std::string to_text(std::span<const int> shape);

// The elements as numbers. Formats of integers and floating point alike.
std::vector<float> to_floats(const Array &array);

// An array whose first axis is the sample. Only the samples asked for are read.
class NpyFile {
 public:
  explicit NpyFile(const std::string &path);

  const std::string &format() const { return format_; }
  const std::vector<int> &shape() const { return shape_; }
  Array read() const;
  // The index-th part along the first axis, which it does not have any more.
  Array read_part(size_t index) const;

 private:
  Array read_bytes(uint64_t offset, std::vector<int> shape) const;

  std::string path_;
  std::string format_;
  std::vector<int> shape_;
  uint64_t header_bytes_ = 0;
};

// Writes a file that is there as a whole or not at all, even if the process is killed.
void write_npy(const std::string &path, const Array &array);
void write_atomically(const std::string &path, std::span<const uint8_t> bytes);
void write_atomically(const std::string &path, const std::string &text);

}  // namespace feat::bench
