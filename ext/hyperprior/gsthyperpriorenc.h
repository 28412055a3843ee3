// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/gstvideoencoder.h>

G_BEGIN_DECLS

#define GST_TYPE_HYPERPRIOR_ENC (gst_hyperprior_enc_get_type())
G_DECLARE_FINAL_TYPE(GstHyperpriorEnc, gst_hyperprior_enc, GST, HYPERPRIOR_ENC, GstVideoEncoder)
GST_ELEMENT_REGISTER_DECLARE(hyperpriorenc);

G_END_DECLS
