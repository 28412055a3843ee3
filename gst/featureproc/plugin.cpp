// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

#include "gstfeaturedequant.h"
#include "gstfeaturepack.h"
#include "gstfeaturequant.h"
#include "gstfeaturetestsrc.h"
#include "gstfeaturetrunc.h"
#include "gstfeatureunpack.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(featuretestsrc, plugin);
  ok &= GST_ELEMENT_REGISTER(featuretrunc, plugin);
  ok &= GST_ELEMENT_REGISTER(featurequant, plugin);
  ok &= GST_ELEMENT_REGISTER(featuredequant, plugin);
  ok &= GST_ELEMENT_REGISTER(featurepack, plugin);
  ok &= GST_ELEMENT_REGISTER(featureunpack, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, featureproc,
                  "Processing of feature tensors", plugin_init, PACKAGE_VERSION, "LGPL",
                  GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
