// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever gst_feature_info_from_cbor() accepts must come back from every carrier unchanged.
#include <gst/feature/gstfeature.h>

#include <cstring>

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  g_setenv("GST_REGISTRY_DISABLE", "yes", TRUE);
  gst_init(nullptr, nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const guint8 *data, gsize size) {
  g_autoptr(GError) error = nullptr;
  g_autoptr(GstFeatureInfo) info = gst_feature_info_from_cbor(data, size, &error);
  if (!info) {
    if (!error) g_error("refused without an error");
    return 0;
  }
  if (error) g_error("accepted with the error %s", error->message);
  if (!gst_feature_info_validate(info, 0, nullptr)) g_error("accepted something invalid");

  g_autoptr(GBytes) bytes = gst_feature_info_to_cbor(info);
  gsize again_size;
  const auto *again = static_cast<const guint8 *>(g_bytes_get_data(bytes, &again_size));
  g_autoptr(GstFeatureInfo) from_cbor = gst_feature_info_from_cbor(again, again_size, &error);
  if (!from_cbor || !gst_feature_info_is_equal(info, from_cbor)) g_error("changed in CBOR");
  if (again_size > size) g_error("longer than it was");

  g_autoptr(GstCaps) caps = gst_caps_new_empty_simple("video/x-raw");
  gst_feature_caps_set_info(caps, info);
  g_autofree gchar *text = gst_caps_to_string(caps);
  g_autoptr(GstCaps) parsed = gst_caps_from_string(text);
  if (!parsed) g_error("not caps: %s", text);
  g_autoptr(GstFeatureInfo) from_caps = gst_feature_info_from_caps(parsed, &error);
  if (!from_caps || !gst_feature_info_is_equal(info, from_caps)) g_error("changed in %s", text);
  return 0;
}
