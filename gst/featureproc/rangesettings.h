// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties conditions, range-min, range-max and range-axis, which four elements share.
#pragma once

#include <gst/feature/gstfeature.h>
#include <gst/gst.h>

#include <vector>

#include "kernels/ranges.h"

namespace feat {

// Ranges that fit one tensor.
struct Ranges {
  gint axis = -1;
  std::vector<gdouble> min;
  std::vector<gdouble> max;

  std::vector<Range> pairs() const;
  static Ranges of(const GstFeatureInfo *info);
};

class RangeSettings {
 public:
  // Installs the four properties with ids from first_id on; the element's property enum keeps
  // kProperties of them free.
  static constexpr guint kProperties = 4;
  static void install(GObjectClass *object_class, guint first_id);

  // Both return FALSE for a property that is not one of the four. index is the property's id less
  // first_id.
  gboolean set(guint index, const GValue *value);
  gboolean get(guint index, GValue *value) const;

  GstFeatureConditions conditions() const { return conditions_; }
  // Whether the properties say anything about ranges.
  bool given() const;
  // The ranges for info's tensor: those of the properties, else of the conditions, else of the VTM
  // conditions of info's task, else -20 to 20. They are checked against the shape.
  gboolean resolve(const GstFeatureInfo *info, Ranges *ranges, GError **error) const;

 private:
  GstFeatureConditions conditions_ = GST_FEATURE_CONDITIONS_CUSTOM;
  std::vector<gdouble> min_;
  std::vector<gdouble> max_;
  gint axis_ = -1;
};

// The paper's VTM conditions of a task, nullptr for none.
const GstFeatureConditionsRow *conditions_of_task(GstFeatureTask task);

}  // namespace feat
