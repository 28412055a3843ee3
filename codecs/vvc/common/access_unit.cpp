// SPDX-License-Identifier: LGPL-2.1-or-later

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

namespace {

bool is_slice(int nal_type) {
  return nal_type <= 11;
}

// Whether a NAL unit that follows a slice starts a new access unit. A slice does so if the picture
// header is inside its slice header: then it is a whole picture.
bool begins_unit(int nal_type, bool picture_header_in_slice) {
  if (is_slice(nal_type)) return picture_header_in_slice;
  switch (static_cast<NalType>(nal_type)) {
    case NalType::kSuffixAps:
    case NalType::kSuffixSei:
    case NalType::kEos:
    case NalType::kEob:
    case NalType::kFillerData:
      return false;
    default:
      return true;
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
    if (seen_slice_ && begins_unit(nal_type, (p[5] & 0x80) != 0)) {
      // The zero byte before a start code belongs to what follows it.
      return pos_ > 0 && p[-1] == 0 ? pos_ - 1 : pos_;
    }
    if (is_slice(nal_type)) seen_slice_ = true;
  }
  return end_of_stream ? data.size() : 0;
}

}  // namespace feat::vvc
