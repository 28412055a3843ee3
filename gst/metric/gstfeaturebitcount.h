// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_METRIC_GSTFEATUREBITCOUNT_H
#define GST_METRIC_GSTFEATUREBITCOUNT_H

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_BIT_COUNT (gst_feature_bit_count_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureBitCount, gst_feature_bit_count, GST, FEATURE_BIT_COUNT,
                     GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE(featurebitcount);

G_END_DECLS

#endif  // GST_METRIC_GSTFEATUREBITCOUNT_H
