// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/metric/gstfeaturebitcount.h"
#include "gst/metric/gstfeaturemetric.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(featuremetric, plugin);
  ok &= GST_ELEMENT_REGISTER(featurebitcount, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, featuremetric,
                  "Measures distortion and rate of feature streams", plugin_init, PACKAGE_VERSION,
                  "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
