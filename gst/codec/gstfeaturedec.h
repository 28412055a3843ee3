// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_DEC (gst_feature_dec_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureDec, gst_feature_dec, GST, FEATURE_DEC, GstElement)

GST_ELEMENT_REGISTER_DECLARE(featuredec);

G_END_DECLS
