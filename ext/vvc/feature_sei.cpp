// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/feature_sei.h"

#include <algorithm>
#include <span>

namespace feat {

namespace {

constexpr uint8_t kInEveryUnit = 0x01;  // first byte: flags, the others are 0
constexpr size_t kFlagBytes = 1;
constexpr size_t kCrcBytes = 2;

// CRC-16 with the polynomial x^16 + x^12 + x^5 + 1, start value 0xffff, most significant bit first:
// the one of the picture hash in H.274 clause 8.15, here over bytes.
uint16_t crc16(std::span<const uint8_t> data) {
  uint16_t crc = 0xffff;
  for (const uint8_t byte : data) {
    crc = static_cast<uint16_t>(crc ^ (byte << 8));
    for (int bit = 0; bit < 8; bit++) {
      crc = static_cast<uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

}  // namespace

vvc::UserData to_user_data(const GstFeatureInfo *info, bool in_every_unit) {
  vvc::UserData message;
  std::copy_n(gst_feature_uuid(), message.uuid.size(), message.uuid.begin());
  const BytesPtr cbor(gst_feature_info_to_cbor(info));
  gsize size = 0;
  const auto *data = static_cast<const guint8 *>(g_bytes_get_data(cbor.get(), &size));
  message.payload.resize(kFlagBytes + size);
  message.payload[0] = in_every_unit ? kInEveryUnit : 0;
  std::copy_n(data, size, message.payload.begin() + kFlagBytes);
  const uint16_t crc = crc16(message.payload);
  message.payload.push_back(static_cast<uint8_t>(crc >> 8));
  message.payload.push_back(static_cast<uint8_t>(crc & 0xff));
  return message;
}

bool from_user_data(const std::vector<vvc::UserData> &messages, SentDescription &description,
                    GError **error) {
  description = {};
  const auto ours = std::find_if(messages.begin(), messages.end(), [](const vvc::UserData &m) {
    return std::equal(m.uuid.begin(), m.uuid.end(), gst_feature_uuid());
  });
  if (ours == messages.end()) return true;
  const std::span<const uint8_t> payload(ours->payload);
  if (payload.size() < kFlagBytes + kCrcBytes) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CBOR,
                "the message has %zu bytes, fewer than %zu", payload.size(),
                kFlagBytes + kCrcBytes);
    return false;
  }
  const auto covered = payload.first(payload.size() - kCrcBytes);
  const auto sent =
      static_cast<uint16_t>(payload[covered.size()] << 8 | payload[covered.size() + 1]);
  const uint16_t computed = crc16(covered);
  if (sent != computed) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CBOR,
                "CRC 0x%04x does not agree with the sent 0x%04x", computed, sent);
    return false;
  }
  if ((covered[0] & ~kInEveryUnit) != 0) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CBOR,
                "unknown flags 0x%02x of a later version", covered[0]);
    return false;
  }
  description.in_every_unit = covered[0] == kInEveryUnit;
  const auto cbor = covered.subspan(kFlagBytes);
  description.info.reset(gst_feature_info_from_cbor(cbor.data(), cbor.size(), error));
  return description.info != nullptr;
}

}  // namespace feat
