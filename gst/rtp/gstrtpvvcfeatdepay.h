// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_RTP_GSTRTPVVCFEATDEPAY_H
#define GST_RTP_GSTRTPVVCFEATDEPAY_H

#include <gst/rtp/gstrtpbasedepayload.h>

G_BEGIN_DECLS

#define GST_TYPE_RTP_VVC_FEAT_DEPAY (gst_rtp_vvc_feat_depay_get_type())
G_DECLARE_FINAL_TYPE(GstRtpVvcFeatDepay, gst_rtp_vvc_feat_depay, GST, RTP_VVC_FEAT_DEPAY,
                     GstRTPBaseDepayload)

GST_ELEMENT_REGISTER_DECLARE(rtpvvcfeatdepay);

G_END_DECLS

#endif  // GST_RTP_GSTRTPVVCFEATDEPAY_H
