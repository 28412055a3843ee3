// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/h266_stream.h"

namespace feat {

CapsPtr h266_caps(const vvc::ProfileTierLevel &ptl, int bit_depth) {
  CapsPtr caps(gst_caps_from_string(kH266CapsTemplate));
  gst_caps_set_simple(caps.get(), "profile", G_TYPE_STRING, "main-10", "chroma-format",
                      G_TYPE_STRING, "4:0:0", "bit-depth-luma", G_TYPE_UINT,
                      static_cast<guint>(bit_depth), nullptr);
  if (ptl.level_idc == 0) return caps;  // VTM sets none
  // general_level_idc is 16 * major + 3 * minor (H.266 clause A.4.1).
  const int major = ptl.level_idc / 16;
  const int minor = ptl.level_idc % 16 / 3;
  const CharPtr level(minor != 0 ? g_strdup_printf("%d.%d", major, minor)
                                 : g_strdup_printf("%d", major));
  gst_caps_set_simple(caps.get(), "tier", G_TYPE_STRING, ptl.high_tier ? "high" : "main", "level",
                      G_TYPE_STRING, level.get(), nullptr);
  return caps;
}

size_t slice_bytes(std::span<const uint8_t> unit) {
  constexpr int kLastSlice = 11;  // nal_unit_type of slices (H.266 table 5)
  size_t total = 0;
  for_each_nal(unit, [&](int type, std::span<const uint8_t> nal) {
    if (type <= kLastSlice) total += nal.size();
  });
  return total;
}

}  // namespace feat
