// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/feature/gstfeatureenums.h>

#include <cstddef>

namespace {

// Tables end in zeros, as GObject wants them. The nicks are the names in caps and at the shell.
const GEnumValue formats[] = {
    {GST_FEATURE_FORMAT_UNKNOWN, "GST_FEATURE_FORMAT_UNKNOWN", "unknown"},
    {GST_FEATURE_FORMAT_F32LE, "GST_FEATURE_FORMAT_F32LE", "F32LE"},
    {GST_FEATURE_FORMAT_F16LE, "GST_FEATURE_FORMAT_F16LE", "F16LE"},
    {GST_FEATURE_FORMAT_BF16LE, "GST_FEATURE_FORMAT_BF16LE", "BF16LE"},
    {GST_FEATURE_FORMAT_F64LE, "GST_FEATURE_FORMAT_F64LE", "F64LE"},
    {GST_FEATURE_FORMAT_U8, "GST_FEATURE_FORMAT_U8", "U8"},
    {GST_FEATURE_FORMAT_S8, "GST_FEATURE_FORMAT_S8", "S8"},
    {GST_FEATURE_FORMAT_U16LE, "GST_FEATURE_FORMAT_U16LE", "U16LE"},
    {GST_FEATURE_FORMAT_S16LE, "GST_FEATURE_FORMAT_S16LE", "S16LE"},
    {GST_FEATURE_FORMAT_U32LE, "GST_FEATURE_FORMAT_U32LE", "U32LE"},
    {GST_FEATURE_FORMAT_S32LE, "GST_FEATURE_FORMAT_S32LE", "S32LE"},
    {GST_FEATURE_FORMAT_U64LE, "GST_FEATURE_FORMAT_U64LE", "U64LE"},
    {GST_FEATURE_FORMAT_S64LE, "GST_FEATURE_FORMAT_S64LE", "S64LE"},
    {0, nullptr, nullptr},
};

const GEnumValue roundings[] = {
    {GST_FEATURE_ROUNDING_NEAREST, "GST_FEATURE_ROUNDING_NEAREST", "nearest"},
    {GST_FEATURE_ROUNDING_FLOOR, "GST_FEATURE_ROUNDING_FLOOR", "floor"},
    {0, nullptr, nullptr},
};

const GEnumValue packings[] = {
    {GST_FEATURE_PACKING_NONE, "GST_FEATURE_PACKING_NONE", "none"},
    {GST_FEATURE_PACKING_ROWS, "GST_FEATURE_PACKING_ROWS", "rows"},
    {GST_FEATURE_PACKING_STACK, "GST_FEATURE_PACKING_STACK", "stack"},
    {GST_FEATURE_PACKING_MOSAIC, "GST_FEATURE_PACKING_MOSAIC", "mosaic"},
    {0, nullptr, nullptr},
};

const GEnumValue tasks[] = {
    {GST_FEATURE_TASK_NONE, "GST_FEATURE_TASK_NONE", "none"},
    {GST_FEATURE_TASK_CLS, "GST_FEATURE_TASK_CLS", "cls"},
    {GST_FEATURE_TASK_SEG, "GST_FEATURE_TASK_SEG", "seg"},
    {GST_FEATURE_TASK_DPT, "GST_FEATURE_TASK_DPT", "dpt"},
    {GST_FEATURE_TASK_CSR, "GST_FEATURE_TASK_CSR", "csr"},
    {GST_FEATURE_TASK_TTI, "GST_FEATURE_TASK_TTI", "tti"},
    {0, nullptr, nullptr},
};

const GEnumValue conditions[] = {
    {GST_FEATURE_CONDITIONS_CUSTOM, "GST_FEATURE_CONDITIONS_CUSTOM", "custom"},
    {GST_FEATURE_CONDITIONS_CLS_VTM, "GST_FEATURE_CONDITIONS_CLS_VTM", "cls-vtm"},
    {GST_FEATURE_CONDITIONS_SEG_VTM, "GST_FEATURE_CONDITIONS_SEG_VTM", "seg-vtm"},
    {GST_FEATURE_CONDITIONS_DPT_VTM, "GST_FEATURE_CONDITIONS_DPT_VTM", "dpt-vtm"},
    {GST_FEATURE_CONDITIONS_CSR_VTM, "GST_FEATURE_CONDITIONS_CSR_VTM", "csr-vtm"},
    {GST_FEATURE_CONDITIONS_TTI_VTM, "GST_FEATURE_CONDITIONS_TTI_VTM", "tti-vtm"},
    {GST_FEATURE_CONDITIONS_CLS_HYPERPRIOR, "GST_FEATURE_CONDITIONS_CLS_HYPERPRIOR",
     "cls-hyperprior"},
    {GST_FEATURE_CONDITIONS_SEG_HYPERPRIOR, "GST_FEATURE_CONDITIONS_SEG_HYPERPRIOR",
     "seg-hyperprior"},
    {GST_FEATURE_CONDITIONS_DPT_HYPERPRIOR, "GST_FEATURE_CONDITIONS_DPT_HYPERPRIOR",
     "dpt-hyperprior"},
    {GST_FEATURE_CONDITIONS_CSR_HYPERPRIOR, "GST_FEATURE_CONDITIONS_CSR_HYPERPRIOR",
     "csr-hyperprior"},
    {GST_FEATURE_CONDITIONS_TTI_HYPERPRIOR, "GST_FEATURE_CONDITIONS_TTI_HYPERPRIOR",
     "tti-hyperprior"},
    {0, nullptr, nullptr},
};

GType register_once(gsize *type, const char *name, const GEnumValue *values) {
  if (g_once_init_enter(type)) {
    g_once_init_leave(type, g_enum_register_static(name, values));
  }
  return *type;
}

const gchar *name_of(const GEnumValue *values, int value) {
  for (; values->value_name; values++) {
    if (values->value == value) return values->value_nick;
  }
  return nullptr;
}

template <class Enum>
gboolean value_of(const GEnumValue *values, const gchar *name, Enum *value) {
  g_return_val_if_fail(name != nullptr, FALSE);
  g_return_val_if_fail(value != nullptr, FALSE);
  for (; values->value_name; values++) {
    if (g_str_equal(values->value_nick, name)) {
      *value = static_cast<Enum>(values->value);
      return TRUE;
    }
  }
  return FALSE;
}

// An unknown format has no name in caps.
const GEnumValue *const named_formats = formats + 1;

}  // namespace

GQuark gst_feature_error_quark(void) {
  return g_quark_from_static_string("gst-feature-error-quark");
}

GType gst_feature_format_get_type(void) {
  static gsize type = 0;
  return register_once(&type, "GstFeatureFormat", formats);
}

GType gst_feature_rounding_get_type(void) {
  static gsize type = 0;
  return register_once(&type, "GstFeatureRounding", roundings);
}

GType gst_feature_packing_get_type(void) {
  static gsize type = 0;
  return register_once(&type, "GstFeaturePacking", packings);
}

GType gst_feature_task_get_type(void) {
  static gsize type = 0;
  return register_once(&type, "GstFeatureTask", tasks);
}

GType gst_feature_conditions_get_type(void) {
  static gsize type = 0;
  return register_once(&type, "GstFeatureConditions", conditions);
}

const gchar *gst_feature_format_to_string(GstFeatureFormat format) {
  return name_of(named_formats, format);
}

gboolean gst_feature_format_from_string(const gchar *name, GstFeatureFormat *format) {
  return value_of(named_formats, name, format);
}

const gchar *gst_feature_rounding_to_string(GstFeatureRounding rounding) {
  return name_of(roundings, rounding);
}

gboolean gst_feature_rounding_from_string(const gchar *name, GstFeatureRounding *rounding) {
  return value_of(roundings, name, rounding);
}

const gchar *gst_feature_packing_to_string(GstFeaturePacking packing) {
  return name_of(packings, packing);
}

gboolean gst_feature_packing_from_string(const gchar *name, GstFeaturePacking *packing) {
  return value_of(packings, name, packing);
}

const gchar *gst_feature_task_to_string(GstFeatureTask task) {
  return name_of(tasks, task);
}

gboolean gst_feature_task_from_string(const gchar *name, GstFeatureTask *task) {
  return value_of(tasks, name, task);
}

guint gst_feature_format_get_size(GstFeatureFormat format) {
  switch (format) {
    case GST_FEATURE_FORMAT_U8:
    case GST_FEATURE_FORMAT_S8:
      return 1;
    case GST_FEATURE_FORMAT_F16LE:
    case GST_FEATURE_FORMAT_BF16LE:
    case GST_FEATURE_FORMAT_U16LE:
    case GST_FEATURE_FORMAT_S16LE:
      return 2;
    case GST_FEATURE_FORMAT_F32LE:
    case GST_FEATURE_FORMAT_U32LE:
    case GST_FEATURE_FORMAT_S32LE:
      return 4;
    case GST_FEATURE_FORMAT_F64LE:
    case GST_FEATURE_FORMAT_U64LE:
    case GST_FEATURE_FORMAT_S64LE:
      return 8;
    case GST_FEATURE_FORMAT_UNKNOWN:
      break;
  }
  return 0;
}

gboolean gst_feature_format_is_float(GstFeatureFormat format) {
  return format == GST_FEATURE_FORMAT_F32LE || format == GST_FEATURE_FORMAT_F16LE ||
         format == GST_FEATURE_FORMAT_BF16LE || format == GST_FEATURE_FORMAT_F64LE;
}
