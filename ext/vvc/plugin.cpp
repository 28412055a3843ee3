// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/gstvvcfeatdec.h"
#include "ext/vvc/gstvvcfeatenc.h"

static gboolean plugin_init(GstPlugin *plugin) {
  const gboolean enc = GST_ELEMENT_REGISTER(vvcfeatenc, plugin);
  const gboolean dec = GST_ELEMENT_REGISTER(vvcfeatdec, plugin);
  return enc && dec;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vvcfeat,
                  "H.266 (VVC) intra coding of packed features", plugin_init, PACKAGE_VERSION,
                  "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
