// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What rtpfeaturedepay does with packets: buffers, caps, GAP events and warnings from what the
// receiver says.
#pragma once

#include <gst/rtp/gstrtpbasedepayload.h>
#include <gst/rtp/gstrtpbuffer.h>

#include <string>

#include "gst/common/refusal.h"
#include "gst/rtp/stream_caps.h"
#include "gst/rtp/unit_receiver.h"

namespace feat::rtp {

class Depayloader final : public UnitReceiver::Listener {
 public:
  explicit Depayloader(GstRTPBaseDepayload *self) : element(self) {}

  void start();
  bool set_caps(const GstCaps *caps);
  void packet(GstRTPBuffer *rtp);
  // Gives up what is pending.
  void finish();
  void flush();
  // Whether the next buffer is the first one behind something that is missing.
  bool discont() const { return discont_; }

  bool unit(const ReceivedUnit &unit) override;
  void loss(const Loss &loss) override;
  void invalid(const char *why) override;

  GstStructure *make_stats() const;
  void post_stats();

  GstRTPBaseDepayload *const element;

  // Guarded by the object lock.
  Limits limits;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;

 private:
  static constexpr gint kAnyPayloadType = -1;

  bool negotiate(UnitKind kind, const Configuration &configuration);
  void warn(const std::string &sentence);
  void push_gap(GstClockTime end);
  void publish_stats();

  ReceiverStats stats_;  // guarded by the object lock

  // Everything below belongs to the streaming thread.
  UnitReceiver receiver_{*this};
  Refusal refusal_;
  gint payload_type_ = kAnyPayloadType;
  bool discont_ = true;
  bool warned_ = false;  // of the losses since the last unit
  Configuration configuration_;
  UnitKind kind_ = UnitKind::kTensor;
  gsize tensor_size_ = 0;
  GstClockTime frame_duration_ = GST_CLOCK_TIME_NONE;
  GstClockTime position_ = GST_CLOCK_TIME_NONE;  // what downstream knows of
};

}  // namespace feat::rtp
