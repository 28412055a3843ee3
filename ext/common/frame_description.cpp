// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/common/frame_description.h"

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

bool agrees(int width, int height, int bit_depth, const GstFeatureInfo *info, guint64 max_points,
            std::string &message) {
  ErrorSlot error;
  gint packed_width = 0;
  gint packed_height = 0;
  if (!gst_feature_info_validate(info, max_points, error.out()) ||
      !gst_feature_info_get_packed_size(info, &packed_width, &packed_height, error.out())) {
    message = error.message();
    return false;
  }
  if (packed_width != width || packed_height != height) {
    message = "the feature description packs to " + std::to_string(packed_width) + "x" +
              std::to_string(packed_height) + ", but the picture is " + std::to_string(width) +
              "x" + std::to_string(height);
    return false;
  }
  const guint bits = gst_feature_info_get_bit_depth(info);
  if (static_cast<int>(bits) > bit_depth) {
    message = "the feature description says " + std::to_string(bits) +
              " bits, but the picture has " + std::to_string(bit_depth);
    return false;
  }
  return true;
}

}  // namespace feat
