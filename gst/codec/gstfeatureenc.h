// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_ENC (gst_feature_enc_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureEnc, gst_feature_enc, GST, FEATURE_ENC, GstElement)

GST_ELEMENT_REGISTER_DECLARE(featureenc);

G_END_DECLS
