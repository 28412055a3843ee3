// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The payload header of a feature in RTP (docs/rtp-payload.md): written and read, nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace feat::rtp {

using Bytes = std::span<const uint8_t>;

inline constexpr uint8_t kPayloadVersion = 1;
// Configuration and unit together.
inline constexpr uint32_t kMaxTotalSize = uint32_t{1} << 30;
inline constexpr uint32_t kMaxConfigurationSize = uint32_t{1} << 21;

enum class UnitKind : uint8_t { kTensor = 0, kH266 = 1, kHyperprior = 2, kCoded = 3 };
inline constexpr uint8_t kUnitKinds = 4;

// What every packet says.
struct PacketHeader {
  UnitKind kind = UnitKind::kTensor;
  uint8_t config_id = 0;
  bool aggregate = false;
  bool has_config = false;
  uint32_t unit_id = 0;  // of an aggregate the first one
};

// A packet with a part of one unit, or all of it.
struct FragmentHeader : PacketHeader {
  uint32_t offset = 0;
  uint32_t total_size = 0;  // of the configuration, where there is one, and the unit
  // Of the first fragment alone.
  uint32_t crc = 0;
  uint32_t config_size = 0;

  bool first() const { return offset == 0; }
};

// A packet with several units that share a configuration.
struct AggregateHeader : PacketHeader {
  uint8_t count = 0;
  Bytes configuration;
};
struct AggregateUnit {
  uint32_t time_offset = 0;  // in clock ticks, behind the packet's RTP timestamp
  uint32_t crc = 0;
  Bytes bytes;
};

inline constexpr size_t kFragmentHeaderSize = 16;
inline constexpr size_t kFirstFragmentHeaderSize = kFragmentHeaderSize + 4;
inline constexpr size_t kMaxFragmentHeaderSize = kFirstFragmentHeaderSize + 4;
inline constexpr size_t kAggregateHeaderSize = 8;
inline constexpr size_t kAggregateConfigSize = 2;  // the length in front of a configuration
inline constexpr size_t kAggregateUnitSize = 10;   // in front of each unit
inline constexpr size_t kMaxAggregateUnits = 255;

// Each of these returns nullptr, or what is wrong.
const char *read_packet_header(Bytes payload, PacketHeader &header);
// `content` is what follows the header.
const char *read_fragment(Bytes payload, FragmentHeader &header, Bytes &content);
const char *read_aggregate(Bytes payload, AggregateHeader &header,
                           std::vector<AggregateUnit> &units);

// Writes the header of a fragment of `content_size` bytes, returns its size.
size_t write_fragment_header(const FragmentHeader &header, uint32_t content_size,
                             uint8_t (&out)[kMaxFragmentHeaderSize]);
size_t fragment_header_size(bool first, bool has_config);
// The whole payload; at most 255 units, each and the configuration of less than 64 KiB.
std::vector<uint8_t> write_aggregate(const PacketHeader &header, Bytes configuration,
                                     std::span<const AggregateUnit> units);

// CRC-32 of what a unit is: kind, id, configuration in force, bytes.
class UnitCrc {
 public:
  UnitCrc(UnitKind kind, uint32_t unit_id);
  void add(Bytes bytes);
  uint32_t value() const { return value_; }

 private:
  uint32_t value_;
};

}  // namespace feat::rtp
