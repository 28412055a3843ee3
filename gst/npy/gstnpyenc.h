// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_NPY_GSTNPYENC_H
#define GST_NPY_GSTNPYENC_H

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_NPY_ENC (gst_npy_enc_get_type())
G_DECLARE_FINAL_TYPE(GstNpyEnc, gst_npy_enc, GST, NPY_ENC, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(npyenc);

G_END_DECLS

#endif  // GST_NPY_GSTNPYENC_H
