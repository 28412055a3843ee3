// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Numbers in network byte order.
#pragma once

#include <cstdint>

namespace feat::rtp {

inline uint16_t read_be16(const uint8_t *p) {
  return static_cast<uint16_t>(p[0] << 8 | p[1]);
}

inline uint32_t read_be32(const uint8_t *p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}

inline void write_be16(uint8_t *p, uint16_t value) {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
}

inline void write_be32(uint8_t *p, uint32_t value) {
  write_be16(p, static_cast<uint16_t>(value >> 16));
  write_be16(p + 2, static_cast<uint16_t>(value));
}

}  // namespace feat::rtp
