// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/input_description.h"

namespace feat {

std::string read_description(const GstCaps *caps, const GstVideoInfo &video, InfoPtr &info) {
  if (!gst_feature_caps_has_info(caps)) return {};
  ErrorSlot error;
  info.reset(gst_feature_info_from_caps(caps, error.out()));
  gint width = 0;
  gint height = 0;
  if (!info || !gst_feature_info_get_packed_size(info.get(), &width, &height, error.out())) {
    return std::string("The feature description in the caps is wrong: ") + error.message() + ".";
  }
  if (width == GST_VIDEO_INFO_WIDTH(&video) && height == GST_VIDEO_INFO_HEIGHT(&video)) return {};
  const std::string frames = std::to_string(GST_VIDEO_INFO_WIDTH(&video)) + "x" +
                             std::to_string(GST_VIDEO_INFO_HEIGHT(&video));
  return "The feature description packs to " + std::to_string(width) + "x" +
         std::to_string(height) + ", but the frames are " + frames + ".";
}

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
