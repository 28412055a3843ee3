// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/gstvideoencoder.h>

G_BEGIN_DECLS

#define GST_TYPE_VVC_FEAT_ENC (gst_vvc_feat_enc_get_type())
G_DECLARE_FINAL_TYPE(GstVvcFeatEnc, gst_vvc_feat_enc, GST, VVC_FEAT_ENC, GstVideoEncoder)

GST_ELEMENT_REGISTER_DECLARE(vvcfeatenc);

G_END_DECLS
