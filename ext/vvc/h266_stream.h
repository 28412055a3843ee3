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

// Bytes of `unit` that lie in slices: what is left without parameter sets and SEI messages.
size_t slice_bytes(std::span<const uint8_t> unit);

}  // namespace feat
