// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/stream_description.h"

#include <utility>

namespace feat {

void StreamDescription::forget_sent() {
  sent_ = {};
  lost_ = false;
}

void StreamDescription::set_caps(InfoPtr info) {
  caps_info_ = std::move(info);
  if (caps_info_) forget_sent();
}

bool StreamDescription::read(SentDescription sent, std::string &message) {
  if (!sent.info && sent_.in_every_unit) {
    message = "it has no feature description, which every unit of this stream should have";
    return false;
  }
  if (!sent.info && lost_ && !caps_info_) {
    message = "its feature description may have been in a unit that was dropped before it";
    return false;
  }
  if (sent.info) {
    sent_ = std::move(sent);
    lost_ = false;
  }
  return true;
}

void StreamDescription::unit_dropped() {
  // Where not every unit has a description, this one may have had another.
  if (!sent_.info || sent_.in_every_unit) return;
  sent_ = {};
  lost_ = true;
}

bool agrees(const vvc::Picture &picture, const GstFeatureInfo *info, guint64 max_points,
            std::string &message) {
  ErrorSlot error;
  gint width = 0;
  gint height = 0;
  if (!gst_feature_info_validate(info, max_points, error.out()) ||
      !gst_feature_info_get_packed_size(info, &width, &height, error.out())) {
    message = error.message();
    return false;
  }
  if (width != picture.width || height != picture.height) {
    message = "the feature description packs to " + std::to_string(width) + "x" +
              std::to_string(height) + ", but the picture is " + std::to_string(picture.width) +
              "x" + std::to_string(picture.height);
    return false;
  }
  const guint bits = gst_feature_info_get_bit_depth(info);
  if (static_cast<int>(bits) > picture.bit_depth) {
    message = "the feature description says " + std::to_string(bits) +
              " bits, but the picture has " + std::to_string(picture.bit_depth);
    return false;
  }
  return true;
}

}  // namespace feat
