// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the RTP payload format of H.266 (RFC 9328) says of single bytes. Plain C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace feat::vvcrtp {

using Bytes = std::span<const uint8_t>;

// nal_unit_type (H.266 table 5), as far as a payload format looks at it.
inline constexpr int kLastVcl = 11;
inline constexpr int kFirstIrap = 7;
inline constexpr int kLastIrap = 10;
inline constexpr int kOpi = 12;
inline constexpr int kDci = 13;
inline constexpr int kVps = 14;
inline constexpr int kSps = 15;
inline constexpr int kPps = 16;
inline constexpr int kPrefixAps = 17;
inline constexpr int kSuffixAps = 18;
inline constexpr int kPictureHeader = 19;
inline constexpr int kAud = 20;
inline constexpr int kPrefixSei = 23;
inline constexpr int kLastNalType = 27;  // the last one that can travel as a single unit
// Types that H.266 leaves to others: RFC 9328 sections 4.3.2 and 4.3.3.
inline constexpr int kAggregation = 28;
inline constexpr int kFragmentation = 29;

inline constexpr size_t kNalHeader = 2;  // also the size of the payload header
inline constexpr size_t kFuHeader = 1;
inline constexpr size_t kApSize = 2;  // in front of each unit in an aggregation packet

// The two bytes F(1) Z(1) LayerId(6), Type(5) TID(3).
struct NalHeader {
  bool forbidden = false;
  bool reserved = false;
  int layer_id = 0;
  int type = 0;
  int temporal_id_plus1 = 0;

  static NalHeader read(Bytes nal) {  // of at least kNalHeader bytes
    return {(nal[0] & 0x80) != 0, (nal[0] & 0x40) != 0, nal[0] & 0x3f, nal[1] >> 3, nal[1] & 7};
  }
  uint8_t first() const {
    return static_cast<uint8_t>((forbidden ? 0x80 : 0) | (reserved ? 0x40 : 0) | layer_id);
  }
  uint8_t second() const { return static_cast<uint8_t>(type << 3 | temporal_id_plus1); }
};

inline bool is_vcl(int type) {
  return type <= kLastVcl;
}
inline bool is_irap(int type) {  // or the start of a gradual refresh
  return type >= kFirstIrap && type <= kLastIrap;
}

}  // namespace feat::vvcrtp
