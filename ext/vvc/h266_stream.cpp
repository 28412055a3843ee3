// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/h266_stream.h"

namespace feat {

CapsPtr h266_caps(const vvc::ProfileTierLevel &ptl, int bit_depth) {
  // general_level_idc is 16 * major + 3 * minor (H.266 clause A.4.1).
  const int major = ptl.level_idc / 16;
  const int minor = ptl.level_idc % 16 / 3;
  const CharPtr level(minor != 0 ? g_strdup_printf("%d.%d", major, minor)
                                 : g_strdup_printf("%d", major));
  CapsPtr caps(gst_caps_from_string(kH266CapsTemplate));
  gst_caps_set_simple(caps.get(), "profile", G_TYPE_STRING, "main-10", "tier", G_TYPE_STRING,
                      ptl.high_tier ? "high" : "main", "level", G_TYPE_STRING, level.get(),
                      "chroma-format", G_TYPE_STRING, "4:0:0", "bit-depth-luma", G_TYPE_UINT,
                      static_cast<guint>(bit_depth), nullptr);
  return caps;
}

size_t slice_bytes(std::span<const uint8_t> unit) {
  size_t total = 0;
  size_t begin = unit.size();  // of the NAL unit being passed over
  bool slice = false;
  for (size_t i = 0; i + 4 < unit.size(); i++) {
    if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
    if (slice) total += i - begin;
    begin = i;
    slice = unit[i + 4] >> 3 <= 11;  // nal_unit_type of slices (H.266 table 5)
    i += 4;
  }
  return slice ? total + unit.size() - begin : total;
}

}  // namespace feat
