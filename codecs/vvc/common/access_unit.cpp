// SPDX-License-Identifier: LGPL-2.1-or-later

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

namespace {

bool is_slice(int nal_type) {
  return nal_type <= 11;
}

enum class Role {
  kInside,  // belongs to the unit of the slice before
  kBegins,  // begins a unit
  kMay,     // stands before a slice, be it of the same picture or of the next unit
};

// What a NAL unit that follows a slice is to the access units. A slice with the picture header
// inside is a whole picture.
Role role_of(int nal_type, bool picture_header_in_slice) {
  if (is_slice(nal_type)) return picture_header_in_slice ? Role::kBegins : Role::kInside;
  switch (static_cast<NalType>(nal_type)) {
    case NalType::kOpi:
    case NalType::kDci:
    case NalType::kVps:
    case NalType::kSps:
    case NalType::kAud:
    case NalType::kPictureHeader:
      return Role::kBegins;
    case NalType::kPps:
    case NalType::kPrefixAps:
    case NalType::kPrefixSei:
    case NalType::kReservedPrefix:
    case NalType::kUnspecified28:
    case NalType::kUnspecified29:
      return Role::kMay;
    default:
      return Role::kInside;
  }
}

}  // namespace

size_t AccessUnitFinder::find(std::span<const uint8_t> data, bool end_of_stream) {
  constexpr size_t kStartCode = 3;
  constexpr size_t kLookahead = kStartCode + 3;  // NAL unit header and the first payload byte
  for (; pos_ + kLookahead <= data.size(); pos_++) {
    const uint8_t *p = &data[pos_];
    if (p[0] != 0 || p[1] != 0 || p[2] != 1) continue;
    const int nal_type = p[4] >> 3;
    if (seen_slice_) {
      // The zero byte before a start code belongs to what follows it.
      const size_t start = pos_ > 0 && p[-1] == 0 ? pos_ - 1 : pos_;
      const Role role = role_of(nal_type, (p[5] & 0x80) != 0);
      if (role == Role::kBegins) return candidate_ > 0 ? candidate_ : start;
      if (role == Role::kMay && candidate_ == 0) candidate_ = start;
      if (is_slice(nal_type)) candidate_ = 0;
    }
    if (is_slice(nal_type)) seen_slice_ = true;
  }
  return end_of_stream ? data.size() : 0;
}

}  // namespace feat::vvc
