// SPDX-License-Identifier: LGPL-2.1-or-later
//
// H.266 byte streams as GStreamer sees them.
#pragma once

#include <span>

#include "codecs/vvc/vvc.h"
#include "gst/common/gstcpp.h"

namespace feat {

inline constexpr char kH266CapsTemplate[] =
    "video/x-h266, stream-format = (string) byte-stream, alignment = (string) au";

// Caps as h266parse of GStreamer 1.26 writes them.
CapsPtr h266_caps(const vvc::ProfileTierLevel &ptl, int bit_depth);

// Calls `visit` with the nal_unit_type and the bytes, start code included, of each NAL unit.
template <typename Visit>
void for_each_nal(std::span<const uint8_t> unit, const Visit &visit) {
  size_t begin = unit.size();
  int type = 0;
  for (size_t i = 0; i + 4 < unit.size(); i++) {
    if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
    if (begin < unit.size()) visit(type, unit.subspan(begin, i - begin));
    begin = i;
    type = unit[i + 4] >> 3;
    i += 4;
  }
  if (begin < unit.size()) visit(type, unit.subspan(begin));
}

// Bytes of `unit` that lie in slices: what is left without parameter sets and SEI messages.
size_t slice_bytes(std::span<const uint8_t> unit);

}  // namespace feat
