// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ext/taskhead/gstmodelfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_EXTRACT (gst_feature_extract_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureExtract, gst_feature_extract, GST, FEATURE_EXTRACT, GstModelFilter)

GST_ELEMENT_REGISTER_DECLARE(featureextract);

G_END_DECLS
