// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/npy/npytypefind.h"

#include <algorithm>

#include "gst/npy/npyheader.h"

static GstStaticCaps npy_caps = GST_STATIC_CAPS("application/x-npy");

static void npy_type_find(GstTypeFind *find, gpointer) {
  const guint8 *data = gst_type_find_peek(find, 0, feat::npy::kMagic.size() + 1);
  if (data == nullptr || !std::equal(feat::npy::kMagic.begin(), feat::npy::kMagic.end(), data))
    return;
  const guint8 major = data[feat::npy::kMagic.size()];
  if (major < 1 || major > 3) return;
  gst_type_find_suggest_empty_simple(find, GST_TYPE_FIND_MAXIMUM, "application/x-npy");
}

GST_TYPE_FIND_REGISTER_DEFINE(npy, "application/x-npy", GST_RANK_PRIMARY, npy_type_find, "npy",
                              gst_static_caps_get(&npy_caps), nullptr, nullptr);
