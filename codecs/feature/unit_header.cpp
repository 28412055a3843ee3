// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/unit_header.h"

#include <zlib.h>

#include <algorithm>

#include "codecs/common/unit_finder.h"
#include "codecs/feature/tensor_values.h"

namespace feat::native {

namespace {

// The second byte holds the version below its upper four bits.
constexpr uint8_t kMagic0 = 0xFC;
constexpr uint8_t kMagic1 = 0xE0;
constexpr uint8_t kVersion = 1;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kMaxLengthBytes = 6;
constexpr uint64_t kMaxUnitBytes = uint64_t{1} << 40;

// First byte of the header.
constexpr uint8_t kFormatMask = 0x07;
constexpr uint8_t kLossless = 0x08;
constexpr uint8_t kHasProfile = 0x10;
constexpr uint8_t kHasDescription = 0x20;
constexpr uint8_t kReserved = 0xC0;

// The byte behind the step.
constexpr uint8_t kLayoutMask = 0x03;
constexpr uint8_t kDependent = 0x04;
constexpr uint8_t kMeans = 0x08;
constexpr uint8_t kShared = 0x10;
constexpr uint8_t kReservedTools = 0xE0;

Status corrupt(const std::string &message) {
  return {Status::Code::kCorrupt, message};
}

uint32_t checksum(std::span<const uint8_t> body, ProfileHash profile) {
  uLong crc = crc32(0, nullptr, 0);
  if (profile != 0) {
    std::array<Bytef, 8> hash;
    for (size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<Bytef>(profile >> (56 - 8 * i));
    crc = crc32_z(crc, hash.data(), hash.size());
  }
  return static_cast<uint32_t>(crc32_z(crc, body.data(), body.size()));
}

// Where the body begins and how long it is. 0: not a unit, 1: more is needed, 2: found.
int read_frame(std::span<const uint8_t> data, size_t &start, uint64_t &length) {
  if (!data.empty() && data[0] != kMagic0) return 0;
  if (data.size() < 2) return 1;
  if ((data[1] & 0xF0) != kMagic1) return 0;
  length = 0;
  for (size_t i = 0; i < kMaxLengthBytes; ++i) {
    if (2 + i >= data.size()) return 1;
    const uint8_t next = data[2 + i];
    length |= static_cast<uint64_t>(next & 0x7F) << (7 * i);
    if ((next & 0x80) == 0) {
      start = 3 + i;
      return length <= kMaxUnitBytes && length >= kChecksumBytes + 2 ? 2 : 0;
    }
  }
  return 0;
}

void write_shape(std::span<const uint32_t> shape, std::vector<uint8_t> &out) {
  size_t ones = 0;
  while (ones < shape.size() && shape[ones] == 1) ++ones;
  out.push_back(static_cast<uint8_t>(shape.size() << 4 | ones));
  for (size_t i = ones; i < shape.size(); ++i) write_varint(shape[i], out);
}

Status read_shape(ByteReader &reader, std::vector<uint32_t> &shape) {
  const uint8_t sizes = reader.byte();
  const int dims = sizes >> 4;
  const int ones = sizes & 0xF;
  if (dims > kMaxDims || ones > dims) {
    return corrupt("the unit's tensor has " + std::to_string(dims) + " dimensions, " +
                   std::to_string(ones) + " of them 1 in front; the limit is " +
                   std::to_string(kMaxDims));
  }
  shape.assign(static_cast<size_t>(dims), 1);
  for (int i = ones; i < dims; ++i) {
    const uint64_t d = reader.varint();
    if (d > 0x7FFFFFFF)
      return corrupt("a dimension of the unit's tensor is " + std::to_string(d) +
                     ", above the limit of 2147483647");
    shape[static_cast<size_t>(i)] = static_cast<uint32_t>(d);
  }
  return {};
}

void write_lossy(const UnitHeader &header, std::vector<uint8_t> &out) {
  const auto step = static_cast<uint16_t>(header.step_code);
  out.push_back(static_cast<uint8_t>(step));
  out.push_back(static_cast<uint8_t>(step >> 8));
  out.push_back(static_cast<uint8_t>(static_cast<uint8_t>(header.layout) |
                                     (header.quantizer == Quantizer::kDependent ? kDependent : 0) |
                                     (header.means ? kMeans : 0) |
                                     (header.shared_statistics ? kShared : 0)));
  if (header.layout == Layout::kGrid) {
    write_varint(header.special_rows, out);
    write_varint(header.grid_height, out);
  }
}

Status read_lossy(ByteReader &reader, UnitHeader &header) {
  header.step_code = static_cast<int16_t>(reader.u16());
  const uint8_t tools = reader.byte();
  if ((tools & kReservedTools) != 0 || (tools & kLayoutMask) == 0)
    return {Status::Code::kUnsupported,
            "the unit uses tools (" + std::to_string(tools) + ") that this version does not know"};
  header.layout = static_cast<Layout>(tools & kLayoutMask);
  header.quantizer = (tools & kDependent) != 0 ? Quantizer::kDependent : Quantizer::kScalar;
  header.means = (tools & kMeans) != 0;
  header.shared_statistics = (tools & kShared) != 0;
  if (header.layout == Layout::kGrid) {
    const uint64_t special = reader.varint();
    const uint64_t height = reader.varint();
    header.special_rows = static_cast<uint32_t>(std::min<uint64_t>(special, 0xFFFFFFFF));
    header.grid_height = static_cast<uint32_t>(std::min<uint64_t>(height, 0xFFFFFFFF));
  }
  return {};
}

}  // namespace

void write_unit(const UnitHeader &header, ProfileHash profile, std::span<const uint8_t> payload,
                std::vector<uint8_t> &out) {
  std::vector<uint8_t> body;
  body.push_back(static_cast<uint8_t>(
      static_cast<uint8_t>(header.tensor.format) | (header.lossless ? kLossless : 0) |
      (profile != 0 ? kHasProfile : 0) | (header.description.empty() ? 0 : kHasDescription)));
  write_shape(header.tensor.shape, body);
  if (profile != 0) {
    for (int shift = 56; shift >= 32; shift -= 8)
      body.push_back(static_cast<uint8_t>(profile >> shift));
  }
  if (!header.description.empty()) {
    write_varint(header.description.size(), body);
    body.insert(body.end(), header.description.begin(), header.description.end());
  }
  if (!header.lossless) write_lossy(header, body);
  body.insert(body.end(), payload.begin(), payload.end());

  out.push_back(kMagic0);
  out.push_back(kMagic1 | kVersion);
  write_varint(body.size() + kChecksumBytes, out);
  const uint32_t crc = checksum(body, profile);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(crc >> shift));
  out.insert(out.end(), body.begin(), body.end());
}

Status read_header(std::span<const uint8_t> unit, UnitHeader &header,
                   std::span<const uint8_t> &payload, size_t &bytes) {
  size_t start = 0;
  uint64_t length = 0;
  if (read_frame(unit, start, length) != 2) return corrupt("there is no feature unit here");
  if ((unit[1] & 0x0F) != kVersion)
    return {Status::Code::kUnsupported, "the unit is of version " + std::to_string(unit[1] & 0x0F) +
                                            ", this codec knows version 1"};
  if (length > unit.size() - start)
    return corrupt("the unit ends after " + std::to_string(unit.size()) + " of " +
                   std::to_string(start + length) + " bytes");
  bytes = start + static_cast<size_t>(length);
  ByteReader reader(
      unit.subspan(start + kChecksumBytes, static_cast<size_t>(length) - kChecksumBytes));
  const uint8_t flags = reader.byte();
  if ((flags & kReserved) != 0)
    return {Status::Code::kUnsupported,
            "the unit has flags (" + std::to_string(flags) + ") that this version does not know"};
  header = {};
  header.tensor.format = static_cast<Format>(flags & kFormatMask);
  header.lossless = (flags & kLossless) != 0;
  Status status = read_shape(reader, header.tensor.shape);
  if (!status.ok()) return status;
  if ((flags & kHasProfile) != 0) {
    header.profile_id = reader.u32();
    if (header.profile_id == 0) return corrupt("the unit names profile 0, which is none");
  }
  if ((flags & kHasDescription) != 0) {
    const uint64_t size = reader.varint();
    if (size > kMaxDescriptionBytes)
      return corrupt("the unit's description has " + std::to_string(size) +
                     " bytes, above the limit of " + std::to_string(kMaxDescriptionBytes));
    const auto description = reader.take(size);
    header.description.assign(description.begin(), description.end());
  }
  if (!header.lossless) status = read_lossy(reader, header);
  if (!status.ok()) return status;
  if (reader.failed()) return corrupt("the unit ends within its header");
  payload = reader.rest();
  return {};
}

bool checksum_agrees(std::span<const uint8_t> unit, ProfileHash profile) {
  size_t start = 0;
  uint64_t length = 0;
  if (read_frame(unit, start, length) != 2 || length > unit.size() - start) return false;
  uint32_t stored = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i) stored = stored << 8 | unit[start + i];
  return checksum(
             unit.subspan(start + kChecksumBytes, static_cast<size_t>(length) - kChecksumBytes),
             profile) == stored;
}

ptrdiff_t find_unit(std::span<const uint8_t> data, size_t &wanted) {
  return find_unit_by(read_frame, data, wanted);
}

size_t find_magic(std::span<const uint8_t> data, size_t from) {
  return find_magic_by(read_frame, data, from);
}

}  // namespace feat::native
