// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_UNPACK (gst_feature_unpack_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureUnpack, gst_feature_unpack, GST, FEATURE_UNPACK, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(featureunpack)

G_END_DECLS
