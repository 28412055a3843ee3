// SPDX-License-Identifier: LGPL-2.1-or-later
// Units of the feature codec, as they come and with the frame and checksum made right, so that
// whatever stands in header and payload is decoded, with and without a profile. Threads must make
// no difference.
//
// The first byte says what the rest is: 0, a stream of bytes; 1, what stands in a unit behind its
// checksum; 2, the same, and where the header says that there is a profile it is ours.
#include <zlib.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/profile.h"

using namespace feat::native;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kMaxPoints = 4096;
constexpr uint8_t kHasProfile = 0x10;

void require(bool condition) {
  if (!condition) std::abort();
}

// Eight channels, six components, two positions.
std::shared_ptr<const Profile> make_profile() {
  ProfileData data;
  data.channels = 8;
  data.components = 6;
  data.positions = 2;
  for (uint32_t c = 0; c < data.channels; ++c) {
    data.mean.push_back(0.5F * static_cast<float>(c));
    data.weights.push_back(c < 4 ? 1.0F : 0.5F);
  }
  for (uint32_t k = 0; k < data.components; ++k) {
    data.deviations.push_back(8.0F / static_cast<float>(k + 1));
    data.correlations.push_back(k % 2 == 0 ? 0.75F : -0.25F);
    for (uint32_t c = 0; c < data.channels; ++c) {
      data.basis.push_back(static_cast<float>(std::sqrt(k == 0 ? 0.125 : 0.25) *
                                              std::cos(M_PI * (c + 0.5) * k / data.channels)));
    }
  }
  data.position_means.resize(data.positions * data.components, 1.5F);
  Bytes file;
  require(Profile::write(data, file).ok());
  std::shared_ptr<const Profile> profile;
  require(Profile::parse(file, profile).ok());
  return profile;
}

const Profile &our_profile() {
  static const std::shared_ptr<const Profile> profile = make_profile();
  return *profile;
}

// Where the header names the profile: behind the flags and the shape. 0: it does not.
size_t profile_place(std::span<const uint8_t> body) {
  if (body.size() < 2 || (body[0] & kHasProfile) == 0) return 0;
  size_t at = 2;
  const int sizes = (body[1] >> 4) - (body[1] & 15);
  for (int i = 0; i < sizes; ++i) {
    while (at < body.size() && (body[at] & 0x80) != 0) ++at;
    ++at;
  }
  return at + 4 <= body.size() ? at : 0;
}

void append_big_endian(uint32_t value, Bytes &out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

Bytes framed(Bytes body, bool with_profile) {
  uLong crc = crc32(0, nullptr, 0);
  if (const size_t at = with_profile ? profile_place(body) : 0; at != 0) {
    Bytes hash;
    append_big_endian(our_profile().id(), hash);
    append_big_endian(static_cast<uint32_t>(our_profile().hash()), hash);
    std::copy_n(hash.begin(), 4, body.begin() + static_cast<ptrdiff_t>(at));
    crc = crc32_z(crc, hash.data(), hash.size());
  }
  crc = crc32_z(crc, body.data(), body.size());
  Bytes unit = {0xFC, 0xE1};
  for (size_t length = body.size() + 4;; length >>= 7) {
    unit.push_back(static_cast<uint8_t>((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
    if (length <= 0x7F) break;
  }
  append_big_endian(static_cast<uint32_t>(crc), unit);
  unit.insert(unit.end(), body.begin(), body.end());
  return unit;
}

void check(const Status &status) {
  require(status.ok() == status.message.empty());
}

struct Outcome {
  Status status;
  Bytes data;
};

Outcome decode(std::span<const uint8_t> unit, const UnitInfo &info, const Profile *profile,
               int threads) {
  uint64_t points = 1;
  for (const uint32_t d : info.tensor.shape) points *= d;
  require(points <= kMaxPoints);
  Outcome outcome;
  outcome.data.resize(points * size_of(info.tensor.format));
  DecoderConfig config;
  config.max_points = kMaxPoints;
  config.threads = threads;
  outcome.status = Decoder(config).decode(unit, profile, outcome.data);
  check(outcome.status);
  return outcome;
}

void decode_unit(std::span<const uint8_t> unit) {
  DecoderConfig config;
  config.max_points = kMaxPoints;
  UnitInfo info;
  const Status status = Decoder(config).read_info(unit, info);
  check(status);
  if (!status.ok()) return;
  require(info.bytes <= unit.size() && info.tensor.shape.size() <= kMaxDims);
  require(info.description.size() <= info.bytes);
  for (const Profile *profile : {static_cast<const Profile *>(nullptr), &our_profile()}) {
    const Outcome one = decode(unit, info, profile, 1);
    if (info.profile_id == 0) require(one.status.code != Status::Code::kProfile);
    if (unit.size() % 8 != 0) continue;
    const Outcome three = decode(unit, info, profile, 3);
    require(one.status.code == three.status.code);
    if (one.status.ok()) require(one.data == three.data);
  }
}

void decode_stream(std::span<const uint8_t> stream) {
  while (!stream.empty()) {
    size_t wanted = 0;
    const ptrdiff_t length = find_unit(stream, wanted);
    require(length <= static_cast<ptrdiff_t>(stream.size()));
    if (length == 0) require(wanted > stream.size());
    if (length > 0) decode_unit(stream);
    const size_t next = length > 0 ? static_cast<size_t>(length) : find_magic(stream, 1);
    require(next > 0 && next <= stream.size());
    stream = stream.subspan(next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  if (data[0] % 3 == 0) {
    decode_stream(rest);
    return 0;
  }
  const Bytes unit = framed({rest.begin(), rest.end()}, data[0] % 3 == 2);
  decode_stream(unit);
  return 0;
}
