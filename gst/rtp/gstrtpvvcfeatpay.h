// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_RTP_GSTRTPVVCFEATPAY_H
#define GST_RTP_GSTRTPVVCFEATPAY_H

#include <gst/rtp/gstrtpbasepayload.h>

G_BEGIN_DECLS

#define GST_TYPE_RTP_VVC_FEAT_PAY (gst_rtp_vvc_feat_pay_get_type())
G_DECLARE_FINAL_TYPE(GstRtpVvcFeatPay, gst_rtp_vvc_feat_pay, GST, RTP_VVC_FEAT_PAY,
                     GstRTPBasePayload)

GST_ELEMENT_REGISTER_DECLARE(rtpvvcfeatpay);

G_END_DECLS

#endif  // GST_RTP_GSTRTPVVCFEATPAY_H
