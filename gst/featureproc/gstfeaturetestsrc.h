// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_FEATUREPROC_GSTFEATURETESTSRC_H
#define GST_FEATUREPROC_GSTFEATURETESTSRC_H

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define GST_TYPE_FEATURE_TEST_SRC (gst_feature_test_src_get_type())
G_DECLARE_FINAL_TYPE(GstFeatureTestSrc, gst_feature_test_src, GST, FEATURE_TEST_SRC, GstPushSrc)

GST_ELEMENT_REGISTER_DECLARE(featuretestsrc);

G_END_DECLS

#endif  // GST_FEATUREPROC_GSTFEATURETESTSRC_H
