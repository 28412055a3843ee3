// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_RTP_GSTRTPFEATUREDEPAY_H
#define GST_RTP_GSTRTPFEATUREDEPAY_H

#include <gst/rtp/gstrtpbasedepayload.h>

G_BEGIN_DECLS

#define GST_TYPE_RTP_FEATURE_DEPAY (gst_rtp_feature_depay_get_type())
G_DECLARE_FINAL_TYPE(GstRtpFeatureDepay, gst_rtp_feature_depay, GST, RTP_FEATURE_DEPAY,
                     GstRTPBaseDepayload)

GST_ELEMENT_REGISTER_DECLARE(rtpfeaturedepay);

G_END_DECLS

#endif  // GST_RTP_GSTRTPFEATUREDEPAY_H
