// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/rtp/tally.h"

namespace test {

bool read_rtp(GstBuffer *buffer, RtpPacket &packet) {
  alignas(guint32) guint8 header[12];
  if (gst_buffer_extract(buffer, 0, header, sizeof header) != sizeof header) return false;
  if (header[0] >> 6 != 2) return false;
  packet.payload_type = header[1] & 0x7f;
  packet.sequence = GST_READ_UINT16_BE(header + 2);
  packet.timestamp = GST_READ_UINT32_BE(header + 4);
  packet.ssrc = GST_READ_UINT32_BE(header + 8);
  return true;
}

void Tally::watch(GstPad *pad) {
  const auto type =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  gst_pad_add_probe(pad, type, probe, this, nullptr);
}

std::map<Tally::Key, Tally::Unit> Tally::units() const {
  const std::lock_guard lock(mutex_);
  return units_;
}

gint64 Tally::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void Tally::count(GstBuffer *buffer) {
  RtpPacket packet;
  if (!read_rtp(buffer, packet) || packet.payload_type != payload_type_) return;
  const std::lock_guard lock(mutex_);
  last_ = g_get_monotonic_time();
  if (!keep_units_) return;
  Unit &unit = units_[{packet.ssrc, packet.timestamp}];
  if (unit.packets.none()) unit.time = GST_BUFFER_PTS(buffer);
  unit.packets.set(packet.sequence % unit.packets.size());
}

GstPadProbeReturn Tally::probe(GstPad *, GstPadProbeInfo *info, gpointer self) {
  auto *tally = static_cast<Tally *>(self);
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    tally->count(gst_pad_probe_info_get_buffer(info));
    return GST_PAD_PROBE_OK;
  }
  GstBufferList *list = gst_pad_probe_info_get_buffer_list(info);
  for (guint i = 0; i < gst_buffer_list_length(list); i++) {
    tally->count(gst_buffer_list_get(list, i));
  }
  return GST_PAD_PROBE_OK;
}

}  // namespace test
