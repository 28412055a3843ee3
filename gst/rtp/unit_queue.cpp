// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/unit_queue.h"

#include <memory>
#include <utility>

#include "gst/rtp/stream_caps.h"

namespace feat::rtp {

bool UnitQueue::fits(gsize size, GstClockTime pts, size_t config_size, size_t max_payload,
                     GstClockTime max_time) const {
  if (!GST_CLOCK_TIME_IS_VALID(pts)) return false;
  const size_t head = empty() ? kAggregateHeaderSize + config_size : payload_size_;
  if (size > max_payload || head + kAggregateUnitSize > max_payload - size) return false;
  if (empty()) return true;
  const GstClockTime first = GST_BUFFER_PTS(front().buffer.get());
  return count() < kMaxAggregateUnits && pts >= first && pts - first <= max_time;
}

void UnitQueue::push(BufferPtr buffer, uint32_t unit_id, uint32_t crc, bool has_config,
                     size_t config_size) {
  if (empty()) {
    payload_size_ = kAggregateHeaderSize + config_size;
    has_config_ = has_config;
  }
  payload_size_ += kAggregateUnitSize + gst_buffer_get_size(buffer.get());
  entries_.push_back({std::move(buffer), unit_id, crc});
}

bool UnitQueue::due(GstClockTime next_pts, GstClockTime max_time) const {
  if (empty()) return false;
  return !GST_CLOCK_TIME_IS_VALID(next_pts) ||
         next_pts > GST_BUFFER_PTS(front().buffer.get()) + max_time;
}

std::vector<uint8_t> UnitQueue::write(UnitKind kind, uint8_t config_id, Bytes configuration) const {
  PacketHeader header;
  header.kind = kind;
  header.config_id = config_id;
  header.has_config = has_config_;
  header.unit_id = front().unit_id;
  const GstClockTime first = GST_BUFFER_PTS(front().buffer.get());
  std::vector<std::unique_ptr<MappedBuffer>> maps;
  std::vector<AggregateUnit> units;
  for (const Entry &entry : entries_) {
    maps.push_back(std::make_unique<MappedBuffer>(entry.buffer.get(), GST_MAP_READ));
    if (!maps.back()->ok()) return {};
    AggregateUnit unit;
    unit.time_offset = static_cast<uint32_t>(gst_util_uint64_scale_int(
        GST_BUFFER_PTS(entry.buffer.get()) - first, kClockRate, GST_SECOND));
    unit.crc = entry.crc;
    unit.bytes = {maps.back()->data(), maps.back()->size()};
    units.push_back(unit);
  }
  return write_aggregate(header, configuration, units);
}

void UnitQueue::clear() {
  entries_.clear();
  payload_size_ = 0;
  has_config_ = false;
}

}  // namespace feat::rtp
