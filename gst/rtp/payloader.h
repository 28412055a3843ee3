// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What rtpfeaturepay does with units: packets of the MTU, descriptions when they are due.
#pragma once

#include <gst/rtp/gstrtpbasepayload.h>

#include <vector>

#include "gst/common/refusal.h"
#include "gst/rtp/stream_caps.h"
#include "gst/rtp/unit_queue.h"

namespace feat::rtp {

enum AggregateMode { AGGREGATE_NONE, AGGREGATE_MAX };

struct PaySettings {
  gint config_interval = 1;  // s; 0: on change only, -1: with every unit
  AggregateMode aggregate_mode = AGGREGATE_NONE;
  GstClockTime max_aggregate_time = 50 * GST_MSECOND;
};

class Payloader {
 public:
  explicit Payloader(GstRTPBasePayload *self) : element(self) {}

  void start();
  gboolean set_caps(const GstCaps *caps);
  GstFlowReturn unit(BufferPtr buffer);
  // Sends what waits for others.
  GstFlowReturn flush_queue();
  void clear_queue() { queue_.clear(); }
  // The next unit carries the description. From any thread.
  void request_config() { g_atomic_int_set(&config_due_, 1); }

  GstStructure *make_stats() const;
  void post_stats();

  GstRTPBasePayload *const element;

  PaySettings settings;  // guarded by the object lock

 private:
  struct Stats {
    guint64 units = 0;
    guint64 descriptions = 0;
    guint64 packets = 0;
    guint64 bytes = 0;
  };

  bool check_size(gsize size, size_t config_size);
  bool wants_config(gint interval, GstClockTime now);
  GstClockTime next_expected(GstBuffer *buffer) const;
  size_t max_payload(GstBuffer *buffer) const;
  GstFlowReturn send(BufferPtr buffer, uint32_t unit_id, uint32_t crc, bool has_config);
  GstBuffer *make_packet(const uint8_t *header, size_t size, GstBuffer *unit, bool first,
                         bool last) const;
  void count(guint64 units, bool has_config, guint64 packets, guint64 bytes);

  Stats stats_;          // guarded by the object lock
  gint config_due_ = 0;  // atomic

  // Everything below belongs to the streaming thread.
  Refusal refusal_;
  UnitQueue queue_;
  StreamCaps stream_;
  std::vector<uint8_t> configuration_;
  uint8_t config_id_ = 0;
  bool known_ = false;  // there is a configuration
  GstClockTime config_sent_ = GST_CLOCK_TIME_NONE;
  uint32_t next_unit_ = 0;
};

}  // namespace feat::rtp
