// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Little-endian numbers of a profile file, appended and taken off the front.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace feat::native {

static_assert(std::endian::native == std::endian::little,
              "profiles are little-endian; a big-endian host would have to swap");

template <class T>
void append_values(std::vector<uint8_t> &out, std::span<const T> values) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(values.data());
  out.insert(out.end(), bytes, bytes + values.size_bytes());
}

template <class T>
void append_value(std::vector<uint8_t> &out, T value) {
  append_values(out, std::span<const T>(&value, 1));
}

// Takes from the front of a span whose size the caller has checked.
class ByteTaker {
 public:
  explicit ByteTaker(std::span<const uint8_t> data) : data_(data) {}

  std::span<const uint8_t> bytes(size_t count) {
    const auto taken = data_.first(count);
    data_ = data_.subspan(count);
    return taken;
  }
  template <class T>
  T value() {
    T result;
    std::memcpy(&result, bytes(sizeof result).data(), sizeof result);
    return result;
  }
  template <class T>
  std::vector<T> values(size_t count) {
    std::vector<T> result(count);
    if (count > 0) std::memcpy(result.data(), bytes(count * sizeof(T)).data(), count * sizeof(T));
    return result;
  }
  std::string text(size_t count) {
    const auto taken = bytes(count);
    return {taken.begin(), taken.end()};
  }
  size_t left() const { return data_.size(); }

 private:
  std::span<const uint8_t> data_;
};

}  // namespace feat::native
