// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/gsthyperpriordec.h"
#include "ext/hyperprior/gsthyperpriorenc.h"
#include "ext/hyperprior/unit_typefind.h"

static gboolean plugin_init(GstPlugin *plugin) {
  gboolean ok = TRUE;
  ok &= GST_ELEMENT_REGISTER(hyperpriorenc, plugin);
  ok &= GST_ELEMENT_REGISTER(hyperpriordec, plugin);
  ok &= GST_TYPE_FIND_REGISTER(featurehyperprior, plugin);
  return ok;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, hyperprior,
                  "Learned coding of packed features", plugin_init, PACKAGE_VERSION, "LGPL",
                  GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
