// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/gstfeatureextract.h"
#include "ext/taskhead/gsttaskhead.h"
#include "ext/taskhead/gsttaskheadsink.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(featureextract, plugin);
  ok &= GST_ELEMENT_REGISTER(taskhead, plugin);
  ok &= GST_ELEMENT_REGISTER(taskheadsink, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, taskhead,
                  "The two halves of models that are cut in two", plugin_init, PACKAGE_VERSION,
                  "LGPL", GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
