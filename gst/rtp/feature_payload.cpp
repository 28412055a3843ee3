// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/feature_payload.h"

#include <zlib.h>

#include <algorithm>

#include "gst/rtp/byte_order.h"

namespace feat::rtp {

namespace {

constexpr uint8_t kFirst = 8;
constexpr uint8_t kLast = 4;
constexpr uint8_t kHasConfig = 2;
constexpr uint8_t kAggregate = 1;

uint8_t first_byte(uint8_t flags) {
  return static_cast<uint8_t>(kPayloadVersion << 4 | flags);
}

void write_packet_header(const PacketHeader &header, uint8_t flags, uint8_t count, uint8_t *out) {
  if (header.has_config) flags |= kHasConfig;
  out[0] = first_byte(flags);
  out[1] = static_cast<uint8_t>(header.kind);
  out[2] = header.config_id;
  out[3] = count;
  write_be32(out + 4, header.unit_id);
}

}  // namespace

const char *read_packet_header(Bytes payload, PacketHeader &header) {
  if (payload.empty()) return "the payload is empty";
  if (payload[0] >> 4 != kPayloadVersion) return "the payload's version is not 1";
  if (payload.size() < kAggregateHeaderSize) return "the payload ends within its header";
  if (payload[1] >= kUnitKinds) return "the kind of unit is unknown";
  header.kind = static_cast<UnitKind>(payload[1]);
  header.config_id = payload[2];
  header.aggregate = (payload[0] & kAggregate) != 0;
  header.has_config = (payload[0] & kHasConfig) != 0;
  header.unit_id = read_be32(&payload[4]);
  return nullptr;
}

const char *read_fragment(Bytes payload, FragmentHeader &header, Bytes &content) {
  if (const char *error = read_packet_header(payload, header)) return error;
  if (header.aggregate) return "the packet is an aggregate";
  if (payload.size() < kFragmentHeaderSize) return "the payload ends within its header";
  header.offset = read_be32(&payload[8]);
  header.total_size = read_be32(&payload[12]);
  if (header.total_size > kMaxTotalSize) return "the unit is announced with more than 1 GiB";
  const bool first = (payload[0] & kFirst) != 0;
  const bool last = (payload[0] & kLast) != 0;
  if (first != header.first()) return "the flag of first fragments and the offset disagree";
  const size_t header_size = fragment_header_size(first, header.has_config);
  if (payload.size() < header_size) return "the payload ends within its header";
  header.crc = header.config_size = 0;
  if (first) {
    header.crc = read_be32(&payload[16]);
    if (header.has_config) header.config_size = read_be32(&payload[20]);
    if (header.config_size > std::min(header.total_size, kMaxConfigurationSize))
      return "the configuration is announced with more bytes than it may have";
  }
  content = payload.subspan(header_size);
  const uint64_t end = uint64_t{header.offset} + content.size();
  if (end > header.total_size) return "the fragment reaches beyond the end of its unit";
  if (last != (end == header.total_size))
    return "the flag of last fragments and the offset disagree";
  if (content.empty() && header.total_size > 0) return "the fragment has no content";
  return nullptr;
}

const char *read_aggregate(Bytes payload, AggregateHeader &header,
                           std::vector<AggregateUnit> &units) {
  units.clear();
  if (const char *error = read_packet_header(payload, header)) return error;
  if (!header.aggregate) return "the packet is not an aggregate";
  if ((payload[0] & kFirst) == 0 || (payload[0] & kLast) == 0)
    return "an aggregate lacks the flags of first and last fragments";
  header.count = payload[3];
  if (header.count == 0) return "the aggregate has no units";
  Bytes rest = payload.subspan(kAggregateHeaderSize);
  header.configuration = {};
  if (header.has_config) {
    if (rest.size() < kAggregateConfigSize) return "the payload ends within its header";
    const size_t size = read_be16(rest.data());
    rest = rest.subspan(kAggregateConfigSize);
    if (size > rest.size()) return "the configuration reaches beyond the end of the packet";
    header.configuration = rest.first(size);
    rest = rest.subspan(size);
  }
  for (unsigned i = 0; i < header.count; ++i) {
    if (rest.size() < kAggregateUnitSize) return "the aggregate ends within a header";
    AggregateUnit unit;
    unit.time_offset = read_be32(rest.data());
    unit.crc = read_be32(rest.data() + 4);
    const size_t size = read_be16(rest.data() + 8);
    rest = rest.subspan(kAggregateUnitSize);
    if (size > rest.size()) return "a unit reaches beyond the end of the aggregate";
    unit.bytes = rest.first(size);
    rest = rest.subspan(size);
    units.push_back(unit);
  }
  if (!rest.empty()) return "there are bytes behind the last unit of the aggregate";
  return nullptr;
}

size_t fragment_header_size(bool first, bool has_config) {
  if (!first) return kFragmentHeaderSize;
  return has_config ? kMaxFragmentHeaderSize : kFirstFragmentHeaderSize;
}

size_t write_fragment_header(const FragmentHeader &header, uint32_t content_size,
                             uint8_t (&out)[kMaxFragmentHeaderSize]) {
  const bool last = header.offset + content_size == header.total_size;
  const auto flags = static_cast<uint8_t>((header.first() ? kFirst : 0) | (last ? kLast : 0));
  write_packet_header(header, flags, 0, out);
  write_be32(out + 8, header.offset);
  write_be32(out + 12, header.total_size);
  if (header.first()) {
    write_be32(out + 16, header.crc);
    if (header.has_config) write_be32(out + 20, header.config_size);
  }
  return fragment_header_size(header.first(), header.has_config);
}

std::vector<uint8_t> write_aggregate(const PacketHeader &header, Bytes configuration,
                                     std::span<const AggregateUnit> units) {
  size_t size = kAggregateHeaderSize;
  if (header.has_config) size += kAggregateConfigSize + configuration.size();
  for (const AggregateUnit &unit : units) size += kAggregateUnitSize + unit.bytes.size();
  std::vector<uint8_t> payload(size);
  uint8_t *out = payload.data();
  write_packet_header(header, kFirst | kLast | kAggregate, static_cast<uint8_t>(units.size()), out);
  out += kAggregateHeaderSize;
  if (header.has_config) {
    write_be16(out, static_cast<uint16_t>(configuration.size()));
    out = std::copy(configuration.begin(), configuration.end(), out + kAggregateConfigSize);
  }
  for (const AggregateUnit &unit : units) {
    write_be32(out, unit.time_offset);
    write_be32(out + 4, unit.crc);
    write_be16(out + 8, static_cast<uint16_t>(unit.bytes.size()));
    out = std::copy(unit.bytes.begin(), unit.bytes.end(), out + kAggregateUnitSize);
  }
  return payload;
}

UnitCrc::UnitCrc(UnitKind kind, uint32_t unit_id) : value_(0) {
  uint8_t head[5];
  head[0] = static_cast<uint8_t>(kind);
  write_be32(head + 1, unit_id);
  add(head);
}

void UnitCrc::add(Bytes bytes) {
  if (bytes.empty()) return;  // zlib would begin anew
  value_ = static_cast<uint32_t>(crc32_z(value_, bytes.data(), bytes.size()));
}

}  // namespace feat::rtp
