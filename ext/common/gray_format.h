// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Grey video frames to and from the codecs' 16-bit planes of right-justified samples.
#pragma once

#include <gst/video/video.h>

#include <cstdint>
#include <vector>

namespace feat {

// GST_VIDEO_FORMAT_GRAY10_LE16 where the running GStreamer (1.26 and later) knows it, else
// GST_VIDEO_FORMAT_UNKNOWN.
GstVideoFormat gray10_format();

// Names of the grey formats the codec elements take and give, for caps: "{ GRAY8, GRAY16_LE }".
const char *gray_format_list();

// Bits of a sample of such a format: 8, 10 or 16.
int gray_bits(GstVideoFormat format);

// The samples of `bit_depth` bits are the upper ones of the format's; what it holds beyond them is
// dropped. Rows follow each other without gaps, as many samples as the frame has.
void read_gray(const GstVideoFrame *frame, int bit_depth, std::vector<uint16_t> &samples);
void write_gray(const uint16_t *samples, int bit_depth, GstVideoFrame *frame);

}  // namespace feat
