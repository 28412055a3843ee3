// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/sei_writer.h"

namespace feat::vvc {
namespace {

constexpr size_t kUserDataUnregistered = 5;
constexpr size_t kDecodedPictureHash = 132;

// payloadType and payloadSize: as many 255 as fit, then the rest.
void put_number(size_t value, std::vector<uint8_t> &rbsp) {
  for (; value >= 255; value -= 255) rbsp.push_back(255);
  rbsp.push_back(static_cast<uint8_t>(value));
}

// Not insert(), about which GCC 14 warns in vain.
void put_bytes(std::span<const uint8_t> bytes, std::vector<uint8_t> &rbsp) {
  for (const uint8_t byte : bytes) rbsp.push_back(byte);
}

}  // namespace

std::vector<uint8_t> write_user_data_sei(std::span<const UserData> user_data) {
  std::vector<uint8_t> rbsp;
  for (const UserData &message : user_data) {
    put_number(kUserDataUnregistered, rbsp);
    put_number(message.uuid.size() + message.payload.size(), rbsp);
    put_bytes(message.uuid, rbsp);
    put_bytes(message.payload, rbsp);
  }
  rbsp.push_back(0x80);
  return rbsp;
}

std::vector<uint8_t> write_md5_sei(const std::array<uint8_t, 16> &md5) {
  std::vector<uint8_t> rbsp;
  rbsp.reserve(md5.size() + 5);
  put_number(kDecodedPictureHash, rbsp);
  put_number(2 + md5.size(), rbsp);
  rbsp.push_back(0);     // dph_sei_hash_type: MD5
  rbsp.push_back(0x80);  // dph_sei_single_component_flag
  put_bytes(md5, rbsp);
  rbsp.push_back(0x80);
  return rbsp;
}

}  // namespace feat::vvc
