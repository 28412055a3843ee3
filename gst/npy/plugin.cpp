// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/npy/gstnpydec.h"
#include "gst/npy/gstnpyenc.h"
#include "gst/npy/npytypefind.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(npydec, plugin);
  ok &= GST_ELEMENT_REGISTER(npyenc, plugin);
  ok &= GST_TYPE_FIND_REGISTER(npy, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, npy, "NumPy's NPY format", plugin_init,
                  PACKAGE_VERSION, "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
