// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Numbers of seven bits a byte, the lowest first, and byte strings behind their sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace feat::native::lossless {

inline void put_number(std::vector<uint8_t> &out, uint64_t value) {
  for (; value > 127; value >>= 7) out.push_back(static_cast<uint8_t>(value | 128));
  out.push_back(static_cast<uint8_t>(value));
}

// Takes bytes off the front of a payload. Once something was missing, ok() is false and
// everything read is empty or zero.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> data) : data_(data) {}

  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const uint8_t next = byte();
      value |= uint64_t{next & 127U} << shift;
      if (next < 128) return value;
    }
    fail();
    return 0;
  }
  uint8_t byte() {
    const auto one = bytes(1);
    return one.empty() ? uint8_t{0} : one[0];
  }
  std::span<const uint8_t> bytes(uint64_t count) {
    if (count > data_.size()) fail();
    if (!ok_) return {};
    const auto result = data_.first(static_cast<size_t>(count));
    data_ = data_.subspan(static_cast<size_t>(count));
    return result;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return data_.empty(); }

 private:
  void fail() {
    ok_ = false;
    data_ = {};
  }
  std::span<const uint8_t> data_;
  bool ok_ = true;
};

}  // namespace feat::native::lossless
