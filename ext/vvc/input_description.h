// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the caps of frames say of the feature in them. Each function returns a sentence on what is
// wrong, empty if nothing is.
#pragma once

#include <gst/video/video.h>

#include <string>

#include "gst/common/gstcpp.h"

namespace feat {

// The description in the caps, null if there is none; it must be one of such frames.
std::string read_description(const GstCaps *caps, const GstVideoInfo &video, InfoPtr &info);

// Bit depth to code at: from the description, or else from the video format.
std::string choose_bit_depth(const GstFeatureInfo *info, GstVideoFormat format, int &bit_depth);

}  // namespace feat
