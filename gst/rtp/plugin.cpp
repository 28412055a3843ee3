// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, featurertp, "Features over RTP",
                  plugin_init, PACKAGE_VERSION, "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
