// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rangesettings.h"

#include "gst/common/gstcpp.h"

namespace feat {
namespace {

enum { kConditions, kRangeMin, kRangeMax, kRangeAxis };

constexpr gdouble kDefaultMin = -20;
constexpr gdouble kDefaultMax = 20;

gboolean doubles_from(const GValue *array, std::vector<gdouble> *result) {
  const guint n = gst_value_array_get_size(array);
  std::vector<gdouble> values;
  values.reserve(n);
  for (guint i = 0; i < n; i++) {
    GValue number = G_VALUE_INIT;
    g_value_init(&number, G_TYPE_DOUBLE);
    if (!g_value_transform(gst_value_array_get_value(array, i), &number)) return FALSE;
    values.push_back(g_value_get_double(&number));
  }
  result->swap(values);
  return TRUE;
}

void doubles_to(const std::vector<gdouble> &values, GValue *array) {
  for (gdouble number : values) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_DOUBLE);
    g_value_set_double(&value, number);
    gst_value_array_append_and_take_value(array, &value);
  }
}

GParamSpec *range_spec(const char *name, const char *nick, const char *blurb) {
  return gst_param_spec_array(
      name, nick, blurb,
      g_param_spec_double("limit", "Limit", "One limit", -G_MAXDOUBLE, G_MAXDOUBLE, 0,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)),
      static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                               GST_PARAM_MUTABLE_PLAYING));
}

// The library's own check of ranges against a shape; the tensor need not be quantised for it.
gboolean check(const GstFeatureInfo *info, const Ranges &ranges, GError **error) {
  const InfoPtr scratch(gst_feature_info_copy(info));
  gst_feature_info_set_quantization(scratch.get(), 10, GST_FEATURE_ROUNDING_NEAREST,
                                    gst_feature_info_get_format(info));
  return gst_feature_info_set_ranges(scratch.get(), ranges.axis, ranges.min.data(),
                                     ranges.max.data(), static_cast<guint>(ranges.min.size()),
                                     error);
}

gboolean from_row(const GstFeatureConditionsRow *row, const GstFeatureInfo *info, Ranges *ranges,
                  GError **error) {
  ranges->min.assign(row->range_min, row->range_min + row->n_ranges);
  ranges->max.assign(row->range_max, row->range_max + row->n_ranges);
  ranges->axis = -1;
  if (row->range_axis >= 0) {
    guint n_dims;
    gst_feature_info_get_shape(info, &n_dims);
    ranges->axis = static_cast<gint>(n_dims) - (static_cast<gint>(row->n_dims) - row->range_axis);
    if (ranges->axis < 0) {
      g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                  "conditions %s have a range for each of %u channels, and a tensor of %u "
                  "dimensions has no channels",
                  row->name, row->n_ranges, n_dims);
      return FALSE;
    }
  }
  if (check(info, *ranges, error)) return TRUE;
  g_prefix_error(error, "conditions %s: ", row->name);
  return FALSE;
}

}  // namespace

std::vector<Range> Ranges::pairs() const {
  std::vector<Range> pairs;
  pairs.reserve(min.size());
  for (std::size_t i = 0; i < min.size(); i++) pairs.push_back({min[i], max[i]});
  return pairs;
}

Ranges Ranges::of(const GstFeatureInfo *info) {
  guint n;
  const gdouble *low = gst_feature_info_get_range_min(info, &n);
  const gdouble *high = gst_feature_info_get_range_max(info, &n);
  return {gst_feature_info_get_range_axis(info), {low, low + n}, {high, high + n}};
}

const GstFeatureConditionsRow *conditions_of_task(GstFeatureTask task) {
  switch (task) {
    case GST_FEATURE_TASK_CLS:
      return gst_feature_conditions_get_row(GST_FEATURE_CONDITIONS_CLS_VTM);
    case GST_FEATURE_TASK_SEG:
      return gst_feature_conditions_get_row(GST_FEATURE_CONDITIONS_SEG_VTM);
    case GST_FEATURE_TASK_DPT:
      return gst_feature_conditions_get_row(GST_FEATURE_CONDITIONS_DPT_VTM);
    case GST_FEATURE_TASK_CSR:
      return gst_feature_conditions_get_row(GST_FEATURE_CONDITIONS_CSR_VTM);
    case GST_FEATURE_TASK_TTI:
      return gst_feature_conditions_get_row(GST_FEATURE_CONDITIONS_TTI_VTM);
    case GST_FEATURE_TASK_NONE:
      break;
  }
  return nullptr;
}

void RangeSettings::install(GObjectClass *object_class, guint first_id) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);
  g_object_class_install_property(
      object_class, first_id + kConditions,
      g_param_spec_enum("conditions", "Conditions",
                        "Row of the paper's test conditions; what other properties set explicitly "
                        "wins over the row",
                        GST_TYPE_FEATURE_CONDITIONS, GST_FEATURE_CONDITIONS_CUSTOM, flags));
  g_object_class_install_property(
      object_class, first_id + kRangeMin,
      range_spec("range-min", "Range minimum",
                 "Lower ends of the ranges, in the unit of the values, as <-20.0>; empty: from "
                 "conditions or the caps"));
  g_object_class_install_property(
      object_class, first_id + kRangeMax,
      range_spec("range-max", "Range maximum",
                 "Upper ends of the ranges, in the unit of the values, as <20.0>; empty: from "
                 "conditions or the caps"));
  g_object_class_install_property(
      object_class, first_id + kRangeAxis,
      g_param_spec_int("range-axis", "Range axis",
                       "Dimension that several ranges go along, 0 being the slowest; -1: one range "
                       "for all",
                       -1, GST_FEATURE_MAX_DIMS - 1, -1, flags));
}

gboolean RangeSettings::set(guint index, const GValue *value) {
  switch (index) {
    case kConditions:
      conditions_ = static_cast<GstFeatureConditions>(g_value_get_enum(value));
      return TRUE;
    case kRangeMin:
      return doubles_from(value, &min_);
    case kRangeMax:
      return doubles_from(value, &max_);
    case kRangeAxis:
      axis_ = g_value_get_int(value);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean RangeSettings::get(guint index, GValue *value) const {
  switch (index) {
    case kConditions:
      g_value_set_enum(value, conditions_);
      return TRUE;
    case kRangeMin:
      doubles_to(min_, value);
      return TRUE;
    case kRangeMax:
      doubles_to(max_, value);
      return TRUE;
    case kRangeAxis:
      g_value_set_int(value, axis_);
      return TRUE;
    default:
      return FALSE;
  }
}

bool RangeSettings::given() const {
  return conditions_ != GST_FEATURE_CONDITIONS_CUSTOM || !min_.empty() || !max_.empty();
}

gboolean RangeSettings::resolve(const GstFeatureInfo *info, Ranges *ranges, GError **error) const {
  if (min_.size() != max_.size()) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "range-min has %" G_GSIZE_FORMAT " values, range-max has %" G_GSIZE_FORMAT,
                min_.size(), max_.size());
    return FALSE;
  }
  if (!min_.empty()) {
    if (min_.size() > 1 && axis_ < 0) {
      g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                  "range-min has %" G_GSIZE_FORMAT
                  " values, and range-axis does not say which dimension they go along",
                  min_.size());
      return FALSE;
    }
    // One range serves any axis.
    *ranges = {min_.size() == 1 ? -1 : axis_, min_, max_};
    return check(info, *ranges, error);
  }
  const GstFeatureConditionsRow *row = gst_feature_conditions_get_row(conditions_);
  if (row == nullptr) row = conditions_of_task(gst_feature_info_get_task(info));
  if (row != nullptr) return from_row(row, info, ranges, error);
  *ranges = {-1, {kDefaultMin}, {kDefaultMax}};
  return TRUE;
}

}  // namespace feat
