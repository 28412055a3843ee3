// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Writes the fixed-length and Exp-Golomb codes of headers (clauses 7.2 and 9.2) to an RBSP.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace feat::vvc {

class BitWriter {
 public:
  // `count` low bits of `value`, most significant first; count 0 to 32.
  void u(uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) flag(((value >> i) & 1) != 0);
  }
  void flag(bool bit) {
    if (free_ == 0) {
      bytes_.push_back(0);
      free_ = 8;
    }
    --free_;
    if (bit) bytes_.back() = static_cast<uint8_t>(bytes_.back() | (1U << free_));
  }
  void ue(uint32_t value) {
    const int length = std::bit_width(value + 1);
    u(0, length - 1);
    u(value + 1, length);
  }
  void se(int value) {
    ue(value > 0 ? 2 * static_cast<uint32_t>(value) - 1 : 2 * static_cast<uint32_t>(-value));
  }
  void align_with_zeros() { free_ = 0; }
  // rbsp_trailing_bits() and byte_alignment(): a one, then zeros to the end of the byte.
  void trailing_bits() {
    flag(true);
    align_with_zeros();
  }

  const std::vector<uint8_t> &bytes() const { return bytes_; }
  size_t bit_count() const { return 8 * bytes_.size() - static_cast<size_t>(free_); }

 private:
  std::vector<uint8_t> bytes_;
  int free_ = 0;  // unused low bits of the last byte
};

}  // namespace feat::vvc
