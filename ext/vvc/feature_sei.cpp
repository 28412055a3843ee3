// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/feature_sei.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string>

namespace feat {

namespace {

using Code = vvc::Status::Code;

// First byte: flags, the others are 0.
constexpr uint8_t kInEveryUnit = 0x01;
constexpr uint8_t kCoversPicture = 0x02;
constexpr uint8_t kKnownFlags = kInEveryUnit | kCoversPicture;
constexpr size_t kFlagBytes = 1;
// Last bytes: the checksum, CRC-32 where it covers the picture.
constexpr size_t kCrc16Bytes = 2;
constexpr size_t kCrc32Bytes = 4;

// CRC-16 with the polynomial x^16 + x^12 + x^5 + 1, start value 0xffff, most significant bit first:
// the one of the picture hash in H.274 clause 8.15, here over bytes.
uint32_t crc16(std::span<const uint8_t> data) {
  uint16_t crc = 0xffff;
  for (const uint8_t byte : data) {
    crc = static_cast<uint16_t>(crc ^ (byte << 8));
    for (int bit = 0; bit < 8; bit++) {
      crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

uint32_t crc32_with_picture(std::span<const uint8_t> data,
                            const vvc::Plane<const uint16_t> &picture) {
  uLong crc = crc32(0, data.data(), static_cast<uInt>(data.size()));
  std::vector<uint16_t> swapped;
  for (int y = 0; y < picture.height; y++) {
    const uint16_t *row = picture.data + y * picture.stride;
    if constexpr (std::endian::native == std::endian::big) {
      swapped.assign(row, row + picture.width);
      for (uint16_t &sample : swapped) {
        sample = static_cast<uint16_t>(sample << 8 | sample >> 8);
      }
      row = swapped.data();
    }
    crc = crc32(crc, reinterpret_cast<const Bytef *>(row),
                static_cast<uInt>(sizeof *row * static_cast<size_t>(picture.width)));
  }
  return static_cast<uint32_t>(crc);
}

vvc::Status damaged(const std::string &what) {
  return {Code::kCorrupt, "its feature description is damaged: " + what};
}

}  // namespace

vvc::UserData to_user_data(const GstFeatureInfo *info, bool in_every_unit,
                           const vvc::Plane<const uint16_t> *picture) {
  vvc::UserData message;
  std::copy_n(gst_feature_uuid(), message.uuid.size(), message.uuid.begin());
  const BytesPtr cbor(gst_feature_info_to_cbor(info));
  gsize size = 0;
  const auto *data = static_cast<const guint8 *>(g_bytes_get_data(cbor.get(), &size));
  message.payload.resize(kFlagBytes + size);
  message.payload[0] = static_cast<uint8_t>((in_every_unit ? kInEveryUnit : 0) |
                                            (picture != nullptr ? kCoversPicture : 0));
  std::copy_n(data, size, message.payload.begin() + kFlagBytes);
  const uint32_t crc =
      picture != nullptr ? crc32_with_picture(message.payload, *picture) : crc16(message.payload);
  for (size_t byte = picture != nullptr ? kCrc32Bytes : kCrc16Bytes; byte-- > 0;) {
    message.payload.push_back(static_cast<uint8_t>(crc >> (8 * byte)));
  }
  return message;
}

vvc::Status from_user_data(const vvc::Picture &picture, bool verify, SentDescription &description) {
  description = {};
  const auto &messages = picture.user_data;
  const auto ours = std::find_if(messages.begin(), messages.end(), [](const vvc::UserData &m) {
    return std::equal(m.uuid.begin(), m.uuid.end(), gst_feature_uuid());
  });
  if (ours == messages.end()) return {};
  const std::span<const uint8_t> payload(ours->payload);
  const uint8_t flags = payload.empty() ? 0 : payload[0];
  const bool covers_picture = (flags & kCoversPicture) != 0;
  const size_t crc_bytes = covers_picture ? kCrc32Bytes : kCrc16Bytes;
  if (payload.size() < kFlagBytes + crc_bytes) {
    return damaged("the message has " + std::to_string(payload.size()) + " bytes, fewer than " +
                   std::to_string(kFlagBytes + crc_bytes));
  }
  if ((flags & ~kKnownFlags) != 0) {
    return damaged("its flags are " + std::to_string(flags) + ", above " +
                   std::to_string(kKnownFlags));
  }
  const auto covered = payload.first(payload.size() - crc_bytes);
  uint32_t sent = 0;
  for (const uint8_t byte : payload.last(crc_bytes)) sent = sent << 8 | byte;
  if (!covers_picture && sent != crc16(covered)) return damaged("its CRC-16 does not agree");
  if (covers_picture && verify) {
    const vvc::Plane<const uint16_t> plane{picture.samples.data(), picture.width, picture.height,
                                           picture.width};
    if (sent != crc32_with_picture(covered, plane)) {
      return {Code::kChecksum,
              "the decoded picture and its feature description do not agree with their CRC-32"};
    }
  }
  description.in_every_unit = (flags & kInEveryUnit) != 0;
  const auto cbor = covered.subspan(kFlagBytes);
  ErrorSlot error;
  description.info.reset(gst_feature_info_from_cbor(cbor.data(), cbor.size(), error.out()));
  if (!description.info) return damaged(error.message());
  return {};
}

}  // namespace feat
