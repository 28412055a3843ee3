// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/lossless.h"
#include "codecs/feature/payload.h"
#include "codecs/feature/tensor_values.h"
#include "codecs/feature/unit_header.h"

namespace feat::native {

namespace {

const Status kChecksum = {Status::Code::kCorrupt,
                          "the unit's checksum does not agree with its bytes"};

Status check_points(const UnitHeader &header, uint64_t max_points) {
  uint64_t points = 0;
  if (count_points(header.tensor.shape, points) && points <= max_points) return {};
  std::string shape;
  for (const uint32_t d : header.tensor.shape) {
    if (!shape.empty()) shape += 'x';
    shape += std::to_string(d);
  }
  return {Status::Code::kLimit, "the unit's tensor of shape " + shape + " has more than " +
                                    std::to_string(max_points) + " points, the limit"};
}

std::string hex(uint64_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text += "0123456789abcdef"[(value >> shift) & 15];
  return text;
}

Status check_profile(const UnitHeader &header, const Profile *profile) {
  const uint32_t id = profile != nullptr ? profile->id() : 0;
  if (header.profile_id == 0 || id == header.profile_id) return {};
  const std::string wanted = "the unit was coded with profile " + hex(header.profile_id, 8) + "…";
  return {Status::Code::kProfile, profile == nullptr
                                      ? wanted + ", which is not at hand"
                                      : wanted + ", not with " + hex(profile->hash(), 16)};
}

}  // namespace

struct Decoder::State {
  DecoderConfig config;
  std::vector<float> values;
};

Decoder::Decoder(const DecoderConfig &config) : state_(std::make_unique<State>()) {
  state_->config = config;
  state_->config.threads = std::clamp(config.threads, 1, kMaxThreads);
}
Decoder::~Decoder() = default;

Status Decoder::read_info(std::span<const uint8_t> unit, UnitInfo &info) const {
  UnitHeader header;
  std::span<const uint8_t> payload;
  size_t bytes = 0;
  Status status = read_header(unit, header, payload, bytes);
  if (!status.ok()) return status;
  if (header.profile_id == 0 && !checksum_agrees(unit, 0)) return kChecksum;
  status = check_points(header, state_->config.max_points);
  if (!status.ok()) return status;
  info.tensor = header.tensor;
  info.bytes = bytes;
  info.profile_id = header.profile_id;
  info.lossless = header.lossless;
  info.step = header.lossless ? 0 : step_of(header.step_code, header.quantizer);
  info.layout = header.lossless ? Layout::kAuto : header.layout;
  info.description = header.description;
  return {};
}

Status Decoder::decode(std::span<const uint8_t> unit, const Profile *profile,
                       std::span<uint8_t> data) {
  UnitHeader header;
  std::span<const uint8_t> payload;
  size_t bytes = 0;
  Status status = read_header(unit, header, payload, bytes);
  if (status.ok()) status = check_profile(header, profile);
  if (!status.ok()) return status;
  if (header.profile_id == 0) profile = nullptr;
  if (!checksum_agrees(unit, profile != nullptr ? profile->hash() : 0)) return kChecksum;
  status = check_points(header, state_->config.max_points);
  if (!status.ok()) return status;
  uint64_t points = 0;
  count_points(header.tensor.shape, points);
  if (points * size_of(header.tensor.format) != data.size())
    return {Status::Code::kInvalidArgument,
            "the unit's tensor has " + std::to_string(points * size_of(header.tensor.format)) +
                " bytes, there is room for " + std::to_string(data.size())};
  if (header.lossless)
    return decode_lossless(header.tensor.format, header.tensor.shape, payload,
                           state_->config.threads, data);
  if (points == 0) return {};
  const ProfileData *profile_data = profile != nullptr ? &profile->data() : nullptr;
  status = check_layout(header, profile_data);
  if (!status.ok()) return status;
  state_->values.resize(points);
  status = decode_payload(header, profile_data, payload, state_->config.threads, state_->values);
  if (!status.ok()) return status;
  from_floats(header.tensor.format, state_->values, data);
  return {};
}

}  // namespace feat::native
