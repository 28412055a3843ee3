// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/sei.h"

#include <algorithm>

#include "codecs/vvc/decoder/error.h"

namespace feat::vvc {
namespace {

constexpr size_t kUserDataUnregistered = 5;
constexpr size_t kDecodedPictureHash = 132;
constexpr uint8_t kHashMd5 = 0;

// A type or a size: 255 as long as it goes on.
size_t take_number(std::span<const uint8_t> &data) {
  size_t value = 0;
  for (;;) {
    if (data.empty()) fail_corrupt("an SEI message ends in its header");
    const uint8_t byte = data[0];
    data = data.subspan(1);
    value += byte;
    if (byte != 255) return value;
  }
}

}  // namespace

void parse_sei(std::span<const uint8_t> payload, SeiMessages &out) {
  // The last byte that is not zero holds the trailing bits.
  while (!payload.empty() && payload.back() == 0) payload = payload.first(payload.size() - 1);
  while (payload.size() > 1 || (payload.size() == 1 && payload[0] != 0x80)) {
    const size_t type = take_number(payload);
    const size_t size = take_number(payload);
    if (size > payload.size()) fail_corrupt("an SEI message is longer than its NAL unit");
    const std::span<const uint8_t> message = payload.first(size);
    payload = payload.subspan(size);
    if (type == kUserDataUnregistered) {
      UserData data;
      if (size < data.uuid.size()) fail_corrupt("a user data SEI message is shorter than its UUID");
      std::copy_n(message.begin(), data.uuid.size(), data.uuid.begin());
      const std::span<const uint8_t> rest = message.subspan(data.uuid.size());
      data.payload.assign(rest.begin(), rest.end());
      out.user_data.push_back(std::move(data));
    } else if (type == kDecodedPictureHash && size >= 1 && message[0] == kHashMd5) {
      // The second byte says that there is one component, then 16 bytes for each.
      Md5Digest digest;
      if (size < 2 + digest.size()) fail_corrupt("a picture hash SEI message is too short");
      std::copy_n(message.begin() + 2, digest.size(), digest.begin());
      out.picture_md5 = digest;
    }
  }
}

}  // namespace feat::vvc
