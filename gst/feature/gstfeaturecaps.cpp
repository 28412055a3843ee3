// SPDX-License-Identifier: LGPL-2.1-or-later
// The description as fields of tensor caps and of the `feature` structure in other caps.
#include <cstring>

#include "gstfeatureinfo-private.h"

namespace {

const char kFeature[] = "feature";
const char kFeatureTensor[] = "feature-tensor";

/* --- writing --- */

template <class T>
void set_array(GstStructure *s, const char *name, GType type, void (*set)(GValue *, T),
               const T *values, std::size_t n) {
  GValue array = G_VALUE_INIT;
  g_value_init(&array, GST_TYPE_ARRAY);
  for (std::size_t i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, type);
    set(&value, values[i]);
    gst_value_array_append_and_take_value(&array, &value);
  }
  gst_structure_take_value(s, name, &array);
}

void set_text(GstStructure *s, const char *name, const gchar *text) {
  gst_structure_set(s, name, G_TYPE_STRING, text, nullptr);
}

void write_common(GstStructure *s, const GstFeatureInfo *info) {
  set_array<gint>(s, "shape", G_TYPE_INT, g_value_set_int, info->shape, info->n_dims);
  if (info->bit_depth) {
    gst_structure_set(s, "bit-depth", G_TYPE_INT, static_cast<gint>(info->bit_depth), nullptr);
    set_array<gdouble>(s, "range-min", G_TYPE_DOUBLE, g_value_set_double, info->range_min.data(),
                       info->range_min.size());
    set_array<gdouble>(s, "range-max", G_TYPE_DOUBLE, g_value_set_double, info->range_max.data(),
                       info->range_max.size());
    if (info->range_axis >= 0) {
      gst_structure_set(s, "range-axis", G_TYPE_INT, info->range_axis, nullptr);
    }
    set_text(s, "rounding", gst_feature_rounding_to_string(info->rounding));
  }
  if (info->task != GST_FEATURE_TASK_NONE) {
    set_text(s, "task", gst_feature_task_to_string(info->task));
  }
}

/* --- reading --- */

// Typed access to the fields of one structure. Every failure sets an error that names the field
// and its value; fields that may be absent leave the result as it was.
class Fields {
 public:
  Fields(const GstStructure *structure, GError **error) : structure_(structure), error_(error) {}

  bool has(const char *name) const { return gst_structure_has_field(structure_, name); }

  bool need(const char *name) const {
    if (has(name)) return true;
    g_set_error(error_, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS, "%s has no field '%s'",
                gst_structure_get_name(structure_), name);
    return false;
  }

  bool wrong(const char *name, const char *expected) const {
    g_autofree gchar *text = gst_value_serialize(gst_structure_get_value(structure_, name));
    // Arrays can be long.
    g_set_error(error_, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "field '%s' of %s is %.80s, expected %s", name, gst_structure_get_name(structure_),
                text ? text : "unprintable", expected);
    return false;
  }

  bool refuse(const char *name, const char *why) const { return !has(name) || wrong(name, why); }

  template <class Enum>
  bool name_in(const char *name, gboolean (*parse)(const gchar *, Enum *), const char *expected,
               Enum *result) const {
    if (!has(name)) return true;
    const gchar *text = gst_structure_get_string(structure_, name);
    return (text && parse(text, result)) || wrong(name, expected);
  }

  bool integer(const char *name, gint min, gint max, const char *expected, gint *result) const {
    if (!has(name)) return true;
    gint value;
    if (!gst_structure_get_int(structure_, name, &value) || value < min || value > max) {
      return wrong(name, expected);
    }
    *result = value;
    return true;
  }

  bool integers(const char *name, gint min, guint max_size, const char *expected, gint *result,
                guint *size) const {
    const GValue *array = array_of(name, max_size);
    if (!array) return wrong(name, expected);
    *size = gst_value_array_get_size(array);
    for (guint i = 0; i < *size; i++) {
      const GValue *value = gst_value_array_get_value(array, i);
      if (!G_VALUE_HOLDS_INT(value) || g_value_get_int(value) < min) return wrong(name, expected);
      result[i] = g_value_get_int(value);
    }
    return true;
  }

  // Integers count as doubles: at a shell range-min=<-20> is as good as <-20.0>.
  bool doubles(const char *name, feat::Vector<gdouble> *result) const {
    const char *expected = "an array of at most 65536 doubles, such as <-20.0>";
    if (!need(name)) return false;
    const GValue *array = array_of(name, GST_FEATURE_MAX_RANGES);
    if (!array) return wrong(name, expected);
    const guint size = gst_value_array_get_size(array);
    result->reserve(size);
    for (guint i = 0; i < size; i++) {
      const GValue *value = gst_value_array_get_value(array, i);
      if (G_VALUE_HOLDS_DOUBLE(value)) {
        result->push_back(g_value_get_double(value));
      } else if (G_VALUE_HOLDS_INT(value)) {
        result->push_back(g_value_get_int(value));
      } else {
        return wrong(name, expected);
      }
    }
    return true;
  }

 private:
  const GValue *array_of(const char *name, guint max_size) const {
    const GValue *value = gst_structure_get_value(structure_, name);
    return value && GST_VALUE_HOLDS_ARRAY(value) && gst_value_array_get_size(value) <= max_size
               ? value
               : nullptr;
  }

  const GstStructure *structure_;
  GError **error_;
};

const char kFormats[] = "one of F32LE F16LE BF16LE F64LE U8 S8 U16LE S16LE U32LE S32LE U64LE S64LE";

bool read_shape(const Fields &fields, GstFeatureInfo *info) {
  gint shape[GST_FEATURE_MAX_DIMS] = {};
  guint n_dims = 0;
  return fields.need("shape") &&
         fields.integers("shape", 0, GST_FEATURE_MAX_DIMS,
                         "an array of at most 8 integers of 0 or more, such as <1,1,257,1536>",
                         shape, &n_dims) &&
         gst_feature_info_set_shape(info, shape, n_dims);
}

bool read_format(const Fields &fields, const char *name, GstFeatureFormat *format) {
  return fields.name_in(name, gst_feature_format_from_string, kFormats, format);
}

bool read_quantization(const Fields &fields, GstFeatureFormat source_format, GstFeatureInfo *info,
                       GError **error) {
  if (!fields.has("bit-depth")) {
    const char *why = "no such field where there is no bit-depth";
    return fields.refuse("range-min", why) && fields.refuse("range-max", why) &&
           fields.refuse("range-axis", why) && fields.refuse("rounding", why) &&
           fields.refuse("source-format", why);
  }
  gint bit_depth = 0;
  gint axis = -1;
  GstFeatureRounding rounding = GST_FEATURE_ROUNDING_NEAREST;
  feat::Vector<gdouble> min;
  feat::Vector<gdouble> max;
  if (!fields.integer("bit-depth", 2, 16, "an integer from 2 to 16", &bit_depth) ||
      !fields.name_in("rounding", gst_feature_rounding_from_string, "nearest or floor",
                      &rounding) ||
      !fields.integer("range-axis", 0, GST_FEATURE_MAX_DIMS - 1, "an integer from 0 to 7", &axis) ||
      !fields.doubles("range-min", &min) || !fields.doubles("range-max", &max)) {
    return false;
  }
  if (min.size() != max.size()) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "range-min has %u values, range-max has %u", static_cast<guint>(min.size()),
                static_cast<guint>(max.size()));
    return false;
  }
  return gst_feature_info_set_quantization(info, static_cast<guint>(bit_depth), rounding,
                                           source_format) &&
         gst_feature_info_set_ranges(info, axis, min.data(), max.data(),
                                     static_cast<guint>(min.size()), error);
}

bool read_task(const Fields &fields, GstFeatureInfo *info) {
  return fields.name_in("task", gst_feature_task_from_string, "one of cls seg dpt csr tti",
                        &info->task);
}

bool read_packing(const Fields &fields, GstFeatureInfo *info) {
  GstFeaturePacking packing = GST_FEATURE_PACKING_NONE;
  if (!fields.name_in("packing", gst_feature_packing_from_string, "none, rows, stack or mosaic",
                      &packing)) {
    return false;
  }
  if (packing != GST_FEATURE_PACKING_MOSAIC) {
    return fields.refuse("grid", "no such field where packing is not mosaic") &&
           gst_feature_info_set_packing(info, packing, 0, 0);
  }
  const char *expected = "an array of two integers of 1 or more, such as <4,4>";
  gint grid[2] = {};
  guint n = 0;
  if (!fields.need("grid") || !fields.integers("grid", 1, 2, expected, grid, &n)) return false;
  if (n != 2) return fields.wrong("grid", expected);
  return gst_feature_info_set_packing(info, packing, static_cast<guint>(grid[0]),
                                      static_cast<guint>(grid[1]));
}

bool read_tensor(const GstStructure *s, GstFeatureInfo *info, GError **error) {
  const Fields fields(s, error);
  GstFeatureFormat format = GST_FEATURE_FORMAT_UNKNOWN;
  GstFeatureFormat source_format = GST_FEATURE_FORMAT_F32LE;
  if (!fields.need("format") || !read_format(fields, "format", &format) ||
      !read_format(fields, "source-format", &source_format) || !read_shape(fields, info) ||
      !read_quantization(fields, source_format, info, error) || !read_task(fields, info)) {
    return false;
  }
  gst_feature_info_set_format(info, format);
  return true;
}

bool read_feature(const GstStructure *s, GstFeatureInfo *info, GError **error) {
  const Fields fields(s, error);
  GstFeatureFormat format = GST_FEATURE_FORMAT_UNKNOWN;
  if (!fields.need("format") || !read_format(fields, "format", &format)) return false;
  gst_feature_info_set_format(info, format);
  return read_shape(fields, info) && read_quantization(fields, format, info, error) &&
         read_task(fields, info) && read_packing(fields, info);
}

gboolean stop_at_unfixed(GQuark field, const GValue *value, gpointer user_data) {
  if (gst_value_is_fixed(value)) return TRUE;
  *static_cast<GQuark *>(user_data) = field;
  return FALSE;
}

// The one structure of fixed caps, or nullptr with an error that says what is not fixed.
const GstStructure *fixed_structure(const GstCaps *caps, GError **error) {
  if (gst_caps_is_any(caps) || gst_caps_get_size(caps) != 1) {
    g_autofree gchar *text = gst_caps_to_string(caps);
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "caps are not one fixed structure: %.200s", text);
    return nullptr;
  }
  const GstStructure *s = gst_caps_get_structure(caps, 0);
  GQuark field = 0;
  gst_structure_foreach(s, stop_at_unfixed, &field);
  if (field) {
    Fields(s, error).wrong(g_quark_to_string(field), "one fixed value");
    return nullptr;
  }
  return s;
}

}  // namespace

GstFeatureInfo *gst_feature_info_from_structure(const GstStructure *structure, GError **error) {
  g_return_val_if_fail(structure != nullptr, nullptr);
  if (!gst_structure_has_name(structure, kFeatureTensor)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "the feature structure is called %s, expected %s",
                gst_structure_get_name(structure), kFeatureTensor);
    return nullptr;
  }
  g_autoptr(GstFeatureInfo) info = gst_feature_info_new();
  if (!read_feature(structure, info, error) || !gst_feature_info_validate(info, 0, error)) {
    return nullptr;
  }
  return static_cast<GstFeatureInfo *>(g_steal_pointer(&info));
}

GstFeatureInfo *gst_feature_info_from_caps(const GstCaps *caps, GError **error) {
  g_return_val_if_fail(GST_IS_CAPS(caps), nullptr);
  const GstStructure *s = fixed_structure(caps, error);
  if (!s) return nullptr;
  const Fields fields(s, error);
  g_autoptr(GstFeatureInfo) info = nullptr;
  if (gst_structure_has_name(s, GST_FEATURE_TENSOR_CAPS_NAME)) {
    info = gst_feature_info_new();
    if (!read_tensor(s, info, error) || !gst_feature_info_validate(info, 0, error)) return nullptr;
  } else {
    if (!fields.need(kFeature)) return nullptr;
    const GValue *value = gst_structure_get_value(s, kFeature);
    const GstStructure *inner =
        GST_VALUE_HOLDS_STRUCTURE(value) ? gst_value_get_structure(value) : nullptr;
    if (!inner) {
      fields.wrong(kFeature, "a structure");
      return nullptr;
    }
    info = gst_feature_info_from_structure(inner, error);
    if (!info) return nullptr;
  }
  if (fields.has("framerate")) {
    gint n, d;
    if (!gst_structure_get_fraction(s, "framerate", &n, &d) || n < 0 || d <= 0) {
      fields.wrong("framerate", "a fraction of 0 or more");
      return nullptr;
    }
    gst_feature_info_set_framerate(info, n, d);
  }
  return static_cast<GstFeatureInfo *>(g_steal_pointer(&info));
}

GstCaps *gst_feature_info_to_caps(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, nullptr);
  g_return_val_if_fail(gst_feature_info_validate(info, 0, nullptr), nullptr);
  g_return_val_if_fail(info->packing == GST_FEATURE_PACKING_NONE, nullptr);
  GstCaps *caps = gst_caps_new_empty_simple(GST_FEATURE_TENSOR_CAPS_NAME);
  GstStructure *s = gst_caps_get_structure(caps, 0);
  set_text(s, "format", gst_feature_format_to_string(info->format));
  write_common(s, info);
  if (info->bit_depth) {
    set_text(s, "source-format", gst_feature_format_to_string(info->source_format));
  }
  if (info->framerate_n > 0) {
    gst_structure_set(s, "framerate", GST_TYPE_FRACTION, info->framerate_n, info->framerate_d,
                      nullptr);
  }
  return caps;
}

GstStructure *gst_feature_info_to_structure(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, nullptr);
  g_return_val_if_fail(gst_feature_info_validate(info, 0, nullptr), nullptr);
  GstStructure *s = gst_structure_new_empty(kFeatureTensor);
  set_text(s, "format", gst_feature_format_to_string(gst_feature_info_get_source_format(info)));
  write_common(s, info);
  if (info->packing != GST_FEATURE_PACKING_NONE) {
    set_text(s, "packing", gst_feature_packing_to_string(info->packing));
  }
  if (info->packing == GST_FEATURE_PACKING_MOSAIC) {
    const gint grid[] = {static_cast<gint>(info->grid_rows), static_cast<gint>(info->grid_columns)};
    set_array<gint>(s, "grid", G_TYPE_INT, g_value_set_int, grid, 2);
  }
  return s;
}

void gst_feature_caps_set_info(GstCaps *caps, const GstFeatureInfo *info) {
  g_return_if_fail(GST_IS_CAPS(caps) && gst_caps_is_writable(caps));
  g_autoptr(GstStructure) inner = nullptr;
  if (info) {
    inner = gst_feature_info_to_structure(info);
    g_return_if_fail(inner != nullptr);
  }
  for (guint i = 0; i < gst_caps_get_size(caps); i++) {
    GstStructure *s = gst_caps_get_structure(caps, i);
    if (inner) {
      gst_structure_set(s, kFeature, GST_TYPE_STRUCTURE, inner, nullptr);
    } else {
      gst_structure_remove_field(s, kFeature);
    }
  }
}

gboolean gst_feature_caps_has_info(const GstCaps *caps) {
  g_return_val_if_fail(GST_IS_CAPS(caps), FALSE);
  return !gst_caps_is_any(caps) && gst_caps_get_size(caps) > 0 &&
         gst_structure_has_field(gst_caps_get_structure(caps, 0), kFeature);
}
