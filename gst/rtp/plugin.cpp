// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/gstrtpfeaturedepay.h"
#include "gst/rtp/gstrtpfeaturepay.h"
#include "gst/rtp/gstrtpvvcfeatdepay.h"
#include "gst/rtp/gstrtpvvcfeatpay.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(rtpfeaturepay, plugin);
  ok &= GST_ELEMENT_REGISTER(rtpfeaturedepay, plugin);
  ok &= GST_ELEMENT_REGISTER(rtpvvcfeatpay, plugin);
  ok &= GST_ELEMENT_REGISTER(rtpvvcfeatdepay, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, featurertp, "Features over RTP",
                  plugin_init, PACKAGE_VERSION, "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
