// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_METRIC_GSTFEATUREMETRIC_H
#define GST_METRIC_GSTFEATUREMETRIC_H

#include <gst/base/gstaggregator.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_METRIC (gst_feature_metric_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureMetric, gst_feature_metric, GST, FEATURE_METRIC, GstAggregator)

GST_ELEMENT_REGISTER_DECLARE(featuremetric);

G_END_DECLS

#endif  // GST_METRIC_GSTFEATUREMETRIC_H
