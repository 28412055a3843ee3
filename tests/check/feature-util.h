/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FEATURE_TEST_UTIL_H
#define FEATURE_TEST_UTIL_H

#include <gst/check/gstcheck.h>
#include <gst/feature/gstfeature.h>

#include <cstring>
#include <string>
#include <vector>

// A description to be made, with the defaults of a raw float tensor.
struct Spec {
  std::vector<gint> shape;
  GstFeatureFormat format = GST_FEATURE_FORMAT_F32LE;
  guint bit_depth = 0;
  GstFeatureRounding rounding = GST_FEATURE_ROUNDING_NEAREST;
  std::vector<gdouble> min = {}, max = {};
  gint axis = -1;
  GstFeaturePacking packing = GST_FEATURE_PACKING_NONE;
  guint rows = 0, columns = 0;
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
};

inline GstFeatureInfo *make_info(const Spec &spec) {
  GstFeatureInfo *info = gst_feature_info_new();
  fail_unless(
      gst_feature_info_set_shape(info, spec.shape.data(), static_cast<guint>(spec.shape.size())));
  gst_feature_info_set_format(info, spec.format);
  if (spec.bit_depth) {
    GError *error = nullptr;
    fail_unless(
        gst_feature_info_set_quantization(info, spec.bit_depth, spec.rounding, spec.format));
    fail_unless(gst_feature_info_set_ranges(info, spec.axis, spec.min.data(), spec.max.data(),
                                            static_cast<guint>(spec.min.size()), &error),
                "%s", error ? error->message : "");
  }
  fail_unless(gst_feature_info_set_packing(info, spec.packing, spec.rows, spec.columns));
  gst_feature_info_set_task(info, spec.task);
  return info;
}

inline std::vector<guint8> cbor_of(const GstFeatureInfo *info) {
  g_autoptr(GBytes) bytes = gst_feature_info_to_cbor(info);
  gsize size;
  const auto *data = static_cast<const guint8 *>(g_bytes_get_data(bytes, &size));
  return {data, data + size};
}

inline std::string to_hex(const std::vector<guint8> &bytes) {
  std::string hex;
  for (guint8 byte : bytes) {
    char digits[3];
    g_snprintf(digits, sizeof digits, "%02x", byte);
    hex += digits;
  }
  return hex;
}

inline std::vector<guint8> from_hex(const char *hex) {
  std::vector<guint8> bytes;
  for (; *hex; hex += 2) {
    bytes.push_back(
        static_cast<guint8>(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1])));
  }
  return bytes;
}

// Asserts one error of the library with a message that contains all of the text.
inline void check_error(GError *error, GstFeatureError code, const char *text, const char *input) {
  fail_unless(error != nullptr, "no error for %s", input);
  fail_unless(g_error_matches(error, GST_FEATURE_ERROR, code), "code %d instead of %d: %s (%s)",
              error->code, code, error->message, input);
  fail_unless(std::strstr(error->message, text) != nullptr, "'%s' is not in '%s' (%s)", text,
              error->message, input);
}

#endif /* FEATURE_TEST_UTIL_H */
