// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Small units that wait to share a packet.
#pragma once

#include <vector>

#include "gst/common/gstcpp.h"
#include "gst/rtp/feature_payload.h"

namespace feat::rtp {

class UnitQueue {
 public:
  struct Entry {
    BufferPtr buffer;
    uint32_t unit_id;
    uint32_t crc;
  };

  bool empty() const { return entries_.empty(); }
  size_t count() const { return entries_.size(); }
  const Entry &front() const { return entries_.front(); }
  bool has_config() const { return has_config_; }

  // Whether one more unit of this size and time shares the packet; of an empty queue whether it
  // could be the first one of several.
  bool fits(gsize size, GstClockTime pts, size_t config_size, size_t max_payload,
            GstClockTime max_time) const;
  // A configuration travels with the first one alone.
  void push(BufferPtr buffer, uint32_t unit_id, uint32_t crc, bool has_config, size_t config_size);
  // Whether a unit expected at this time would come too late for the packet.
  bool due(GstClockTime next_pts, GstClockTime max_time) const;

  // The payload of all of them; empty if a buffer cannot be mapped.
  std::vector<uint8_t> write(UnitKind kind, uint8_t config_id, Bytes configuration) const;
  void clear();

 private:
  std::vector<Entry> entries_;
  size_t payload_size_ = 0;
  bool has_config_ = false;
};

}  // namespace feat::rtp
