// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Grey video frames to and from the codec's 16-bit planes of right-justified samples.
#pragma once

#include <gst/video/video.h>

#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat {

// GST_VIDEO_FORMAT_GRAY10_LE16 where the running GStreamer (1.26 and later) knows it, else
// GST_VIDEO_FORMAT_UNKNOWN.
GstVideoFormat gray10_format();

// Names of the grey formats the codec elements take and give, for caps: "{ GRAY8, GRAY16_LE }".
const char *gray_format_list();

// GRAY8 holds 8-bit samples, GRAY16_LE left-justified ones, GRAY10_LE16 right-justified 10 bits.
// `bit_depth` is 8 or 10; what a format holds beyond it is dropped.
void read_gray(const GstVideoFrame *frame, int bit_depth, std::vector<uint16_t> &samples);
void write_gray(const vvc::Picture &picture, GstVideoFrame *frame);

}  // namespace feat
