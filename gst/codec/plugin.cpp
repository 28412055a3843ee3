// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/gstfeaturedec.h"
#include "gst/codec/gstfeatureenc.h"
#ifdef HAVE_PROFILE_LEARNING
#include "gst/codec/gstfeatureprofilesink.h"
#endif
#include "gst/codec/unit_typefind.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(featureenc, plugin);
  ok &= GST_ELEMENT_REGISTER(featuredec, plugin);
#ifdef HAVE_PROFILE_LEARNING
  ok &= GST_ELEMENT_REGISTER(featureprofilesink, plugin);
#endif
  ok &= GST_TYPE_FIND_REGISTER(featurecoded, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, featurecodec,
                  "Codec made for feature tensors", plugin_init, PACKAGE_VERSION, "LGPL",
                  GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
