// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_QUANT (gst_feature_quant_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureQuant, gst_feature_quant, GST, FEATURE_QUANT, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(featurequant)

G_END_DECLS
