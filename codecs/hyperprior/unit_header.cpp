// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/unit_header.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "codecs/common/byte_reader.h"
#include "codecs/common/unit_finder.h"

namespace feat::hyperprior {

namespace {

constexpr std::array<uint8_t, 3> kMagic = {'F', 'H', 'P'};
constexpr uint8_t kVersion = 1;
constexpr size_t kLengthAt = kMagic.size() + 1;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kMaxLengthBytes = 6;
constexpr uint64_t kMaxUnitBytes = uint64_t{1} << 40;

// First byte of the header.
constexpr uint8_t kColumns = 0x01;
constexpr uint8_t kNormalised = 0x02;
constexpr uint8_t kHasStep = 0x04;
constexpr uint8_t kHasDescription = 0x08;
constexpr uint8_t kReserved = 0xF0;

Status corrupt(const std::string &message) {
  return {Status::Code::kCorrupt, message};
}

uint32_t checksum(std::span<const uint8_t> body, uint64_t model_hash) {
  std::array<Bytef, 8> hash;
  for (size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<Bytef>(model_hash >> (56 - 8 * i));
  const uLong crc = crc32_z(crc32(0, nullptr, 0), hash.data(), hash.size());
  return static_cast<uint32_t>(crc32_z(crc, body.data(), body.size()));
}

// Where the checksum begins and how long it and the body are. 0: not a unit, 1: more is needed, 2:
// found.
int read_frame(std::span<const uint8_t> data, size_t &start, uint64_t &length) {
  for (size_t i = 0; i < kMagic.size(); ++i) {
    if (i >= data.size()) return 1;
    if (data[i] != kMagic[i]) return 0;
  }
  if (data.size() < kLengthAt) return 1;
  length = 0;
  for (size_t i = 0; i < kMaxLengthBytes; ++i) {
    if (kLengthAt + i >= data.size()) return 1;
    const uint8_t next = data[kLengthAt + i];
    length |= static_cast<uint64_t>(next & 0x7F) << (7 * i);
    if ((next & 0x80) == 0) {
      start = kLengthAt + i + 1;
      return length <= kMaxUnitBytes && length > kChecksumBytes ? 2 : 0;
    }
  }
  return 0;
}

std::string outside(const char *what, uint64_t value, uint64_t low, uint64_t high) {
  return std::string("the unit's ") + what + " is " + std::to_string(value) + ", outside of " +
         std::to_string(low) + " to " + std::to_string(high);
}

Status read_fields(ByteReader &reader, UnitHeader &header) {
  const uint8_t flags = reader.byte();
  if ((flags & kReserved) != 0)
    return {Status::Code::kUnsupported,
            "the unit has flags (" + std::to_string(flags) + ") that this version does not know"};
  const uint64_t width = reader.varint();
  const uint64_t height = reader.varint();
  if (width < 1 || width > kMaxSide) return corrupt(outside("width", width, 1, kMaxSide));
  if (height < 1 || height > kMaxSide) return corrupt(outside("height", height, 1, kMaxSide));
  header.info.width = static_cast<int>(width);
  header.info.height = static_cast<int>(height);
  header.info.bit_depth = reader.byte();
  if (header.info.bit_depth < 1 || header.info.bit_depth > kMaxBitDepth)
    return corrupt(
        outside("bit depth", static_cast<uint64_t>(header.info.bit_depth), 1, kMaxBitDepth));
  header.info.model_id = reader.u32();
  if ((flags & kColumns) != 0) {
    header.how.layout = Layout::kColumns;
    header.how.special_rows = reader.byte();
    const uint64_t map_width = reader.varint();
    if (map_width < 1 || map_width > kMaxSide)
      return corrupt(outside("width of maps", map_width, 1, kMaxSide));
    header.how.map_width = static_cast<int>(map_width);
  }
  if ((flags & kNormalised) != 0) {
    header.normalised = true;
    header.how.mean = reader.u16();
    header.how.deviation_code = reader.byte();
  }
  if ((flags & kHasStep) != 0) header.step_code = reader.byte();
  if ((flags & kHasDescription) != 0) {
    const uint64_t size = reader.varint();
    if (size > kMaxDescriptionBytes)
      return corrupt("the unit's description has " + std::to_string(size) +
                     " bytes, above the limit of " + std::to_string(kMaxDescriptionBytes));
    const auto description = reader.take(size);
    header.info.description.assign(description.begin(), description.end());
  }
  if (reader.failed()) return corrupt("the unit ends within its header");
  return {};
}

}  // namespace

void write_unit(const UnitHeader &header, uint64_t model_hash, std::span<const uint8_t> payload,
                std::vector<uint8_t> &out) {
  std::vector<uint8_t> body;
  const bool columns = header.how.layout == Layout::kColumns;
  body.push_back(static_cast<uint8_t>((columns ? kColumns : 0) |
                                      (header.normalised ? kNormalised : 0) |
                                      (header.step_code >= 0 ? kHasStep : 0) |
                                      (header.info.description.empty() ? 0 : kHasDescription)));
  write_varint(static_cast<uint64_t>(header.info.width), body);
  write_varint(static_cast<uint64_t>(header.info.height), body);
  body.push_back(static_cast<uint8_t>(header.info.bit_depth));
  for (int shift = 24; shift >= 0; shift -= 8)
    body.push_back(static_cast<uint8_t>(header.info.model_id >> shift));
  if (columns) {
    body.push_back(static_cast<uint8_t>(header.how.special_rows));
    write_varint(static_cast<uint64_t>(header.how.map_width), body);
  }
  if (header.normalised) {
    body.push_back(static_cast<uint8_t>(header.how.mean));
    body.push_back(static_cast<uint8_t>(header.how.mean >> 8));
    body.push_back(static_cast<uint8_t>(header.how.deviation_code));
  }
  if (header.step_code >= 0) body.push_back(static_cast<uint8_t>(header.step_code));
  if (!header.info.description.empty()) {
    write_varint(header.info.description.size(), body);
    body.insert(body.end(), header.info.description.begin(), header.info.description.end());
  }
  body.insert(body.end(), payload.begin(), payload.end());

  out.insert(out.end(), kMagic.begin(), kMagic.end());
  out.push_back(kVersion);
  write_varint(body.size() + kChecksumBytes, out);
  const uint32_t crc = checksum(body, model_hash);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(crc >> shift));
  out.insert(out.end(), body.begin(), body.end());
}

Status read_header(std::span<const uint8_t> unit, UnitHeader &header,
                   std::span<const uint8_t> &payload) {
  size_t start = 0;
  uint64_t length = 0;
  if (read_frame(unit, start, length) != 2) return corrupt("there is no Hyperprior unit here");
  if (unit[kMagic.size()] != kVersion)
    return {Status::Code::kUnsupported, "the unit is of version " +
                                            std::to_string(unit[kMagic.size()]) +
                                            ", this codec knows version 1"};
  if (length > unit.size() - start)
    return corrupt("the unit ends after " + std::to_string(unit.size()) + " of " +
                   std::to_string(start + length) + " bytes");
  header = {};
  header.info.bytes = start + static_cast<size_t>(length);
  ByteReader reader(
      unit.subspan(start + kChecksumBytes, static_cast<size_t>(length) - kChecksumBytes));
  Status status = read_fields(reader, header);
  if (status.ok()) payload = reader.rest();
  return status;
}

bool checksum_agrees(std::span<const uint8_t> unit, uint64_t model_hash) {
  size_t start = 0;
  uint64_t length = 0;
  if (read_frame(unit, start, length) != 2 || length > unit.size() - start) return false;
  uint32_t stored = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i) stored = stored << 8 | unit[start + i];
  return checksum(
             unit.subspan(start + kChecksumBytes, static_cast<size_t>(length) - kChecksumBytes),
             model_hash) == stored;
}

Status read_info(std::span<const uint8_t> unit, uint64_t max_points, UnitInfo &info) {
  UnitHeader header;
  std::span<const uint8_t> payload;
  Status status = read_header(unit, header, payload);
  if (!status.ok()) return status;
  const uint64_t points =
      static_cast<uint64_t>(header.info.width) * static_cast<uint64_t>(header.info.height);
  if (points > max_points)
    return {Status::Code::kLimit, "the unit's plane has " + std::to_string(points) +
                                      " samples, above the limit of " + std::to_string(max_points)};
  info = std::move(header.info);
  return {};
}

ptrdiff_t find_unit(std::span<const uint8_t> data, size_t &wanted) {
  return find_unit_by(read_frame, data, wanted);
}

size_t find_magic(std::span<const uint8_t> data, size_t from) {
  return find_magic_by(read_frame, data, from);
}

}  // namespace feat::hyperprior
