// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_DEQUANT (gst_feature_dequant_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureDequant, gst_feature_dequant, GST, FEATURE_DEQUANT, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(featuredequant)

G_END_DECLS
