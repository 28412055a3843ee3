// SPDX-License-Identifier: LGPL-2.1-or-later
//
// MD5 (RFC 1321), for the picture hash SEI message; not for anything that needs to be secure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace feat::vvc {

using Md5Digest = std::array<uint8_t, 16>;

class Md5 {
 public:
  void update(std::span<const uint8_t> data);
  Md5Digest finish();

 private:
  void block(const uint8_t *data);

  std::array<uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<uint8_t, 64> pending_{};
  uint64_t length_ = 0;
};

}  // namespace feat::vvc
