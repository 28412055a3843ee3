// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Bit depth to code frames at: from the description of the feature in them, or else from the video
// format. Returns a sentence on what is wrong, empty if nothing is.
#pragma once

#include <gst/feature/gstfeature.h>
#include <gst/video/video.h>

#include <string>

namespace feat {

std::string choose_bit_depth(const GstFeatureInfo *info, GstVideoFormat format, int &bit_depth);

}  // namespace feat
