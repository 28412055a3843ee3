// SPDX-License-Identifier: LGPL-2.1-or-later
// What a picture holds: the caps of the picture, and settings over them.
#pragma once

#include <optional>
#include <vector>

#include "gst/common/gstcpp.h"
#include "pictureformat.h"
#include "rangesettings.h"

namespace feat {

struct UnpackSettings {
  RangeSettings ranges;
  std::vector<gint> shape;
  guint bit_depth = 0;
  std::optional<GstFeatureRounding> rounding;
  GstFeatureFormat source_format = GST_FEATURE_FORMAT_UNKNOWN;
  PackingSettings packing;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

// The description, with the packing, of what fixed video caps hold; nullptr with error set where
// they and the settings do not say enough, or contradict each other.
InfoPtr packed_info(const UnpackSettings &settings, const GstStructure *s, GError **error);

}  // namespace feat
