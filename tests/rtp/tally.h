// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which RTP packets pass a pad. The packets of one unit have one timestamp, those of two units
// never have; so the tally knows nothing of payload formats.
#pragma once

#include <gst/gst.h>

#include <bitset>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace test {

struct RtpPacket {
  uint8_t payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
};
bool read_rtp(GstBuffer *buffer, RtpPacket &packet);

class Tally {
 public:
  struct Unit {
    GstClockTime time = GST_CLOCK_TIME_NONE;  // of its first packet
    std::bitset<256> packets;                 // by sequence number, of which no unit has as many
  };
  using Key = std::pair<uint32_t, uint32_t>;  // SSRC and timestamp

  // Without `units` only the time of the last packet is kept.
  explicit Tally(uint8_t payload_type, bool units = true)
      : payload_type_(payload_type), keep_units_(units) {}
  void watch(GstPad *pad);

  std::map<Key, Unit> units() const;
  // Monotonic time of the last packet, µs; 0 before the first.
  gint64 last() const;

 private:
  void count(GstBuffer *buffer);
  static GstPadProbeReturn probe(GstPad *pad, GstPadProbeInfo *info, gpointer self);

  const uint8_t payload_type_;
  const bool keep_units_;
  mutable std::mutex mutex_;
  std::map<Key, Unit> units_;
  gint64 last_ = 0;
};

}  // namespace test
