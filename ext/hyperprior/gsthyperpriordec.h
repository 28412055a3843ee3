// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/gstvideodecoder.h>

G_BEGIN_DECLS

#define GST_TYPE_HYPERPRIOR_DEC (gst_hyperprior_dec_get_type())
G_DECLARE_FINAL_TYPE(GstHyperpriorDec, gst_hyperprior_dec, GST, HYPERPRIOR_DEC, GstVideoDecoder)
GST_ELEMENT_REGISTER_DECLARE(hyperpriordec);

G_END_DECLS
