// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_NPY_GSTNPYDEC_H
#define GST_NPY_GSTNPYDEC_H

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_NPY_DEC (gst_npy_dec_get_type())
G_DECLARE_FINAL_TYPE(GstNpyDec, gst_npy_dec, GST, NPY_DEC, GstElement)

GST_ELEMENT_REGISTER_DECLARE(npydec);

G_END_DECLS

#endif  // GST_NPY_GSTNPYDEC_H
