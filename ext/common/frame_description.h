// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Whether frames are what a description of a feature says.
#pragma once

#include <gst/video/video.h>

#include <string>

#include "gst/common/gstcpp.h"

namespace feat {

// The description in the caps of frames, null if there is none. Returns a sentence on what is
// wrong, empty if nothing is.
std::string read_description(const GstCaps *caps, const GstVideoInfo &video, InfoPtr &info);

// Whether a decoded picture is what the description says; otherwise `message` says why not.
bool agrees(int width, int height, int bit_depth, const GstFeatureInfo *info, guint64 max_points,
            std::string &message);

}  // namespace feat
