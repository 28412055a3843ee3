// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_TRUNC (gst_feature_trunc_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureTrunc, gst_feature_trunc, GST, FEATURE_TRUNC, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(featuretrunc)

G_END_DECLS
