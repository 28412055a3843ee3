// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_RTP_GSTRTPFEATUREPAY_H
#define GST_RTP_GSTRTPFEATUREPAY_H

#include <gst/rtp/gstrtpbasepayload.h>

G_BEGIN_DECLS

#define GST_TYPE_RTP_FEATURE_PAY (gst_rtp_feature_pay_get_type())
G_DECLARE_FINAL_TYPE(GstRtpFeaturePay, gst_rtp_feature_pay, GST, RTP_FEATURE_PAY, GstRTPBasePayload)

GST_ELEMENT_REGISTER_DECLARE(rtpfeaturepay);

G_END_DECLS

#endif  // GST_RTP_GSTRTPFEATUREPAY_H
