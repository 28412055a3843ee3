// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_PACK (gst_feature_pack_get_type())
G_DECLARE_FINAL_TYPE(GstFeaturePack, gst_feature_pack, GST, FEATURE_PACK, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(featurepack)

G_END_DECLS
