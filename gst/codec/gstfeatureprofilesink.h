// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_PROFILE_SINK (gst_feature_profile_sink_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureProfileSink, gst_feature_profile_sink, GST, FEATURE_PROFILE_SINK,
                     GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE(featureprofilesink);

G_END_DECLS
