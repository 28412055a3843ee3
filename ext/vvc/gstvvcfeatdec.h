// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/gstvideodecoder.h>

G_BEGIN_DECLS

#define GST_TYPE_VVC_FEAT_DEC (gst_vvc_feat_dec_get_type())
G_DECLARE_FINAL_TYPE(GstVvcFeatDec, gst_vvc_feat_dec, GST, VVC_FEAT_DEC, GstVideoDecoder)

GST_ELEMENT_REGISTER_DECLARE(vvcfeatdec);

G_END_DECLS
