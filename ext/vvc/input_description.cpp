// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/input_description.h"

namespace feat {

std::string choose_bit_depth(const GstFeatureInfo *info, GstVideoFormat format, int &bit_depth) {
  if (info == nullptr) {
    bit_depth = format == GST_VIDEO_FORMAT_GRAY8 ? 8 : 10;
    return {};
  }
  const guint bits = gst_feature_info_get_bit_depth(info);
  if (bits > 10) {
    return "The feature is quantised to " + std::to_string(bits) +
           " bits; H.266 Main 10 codes at most 10.";
  }
  if (bits > 8 && format == GST_VIDEO_FORMAT_GRAY8) {
    return "The feature is quantised to " + std::to_string(bits) +
           " bits; frames of format GRAY8 hold 8.";
  }
  bit_depth = bits <= 8 ? 8 : 10;
  return {};
}

}  // namespace feat
