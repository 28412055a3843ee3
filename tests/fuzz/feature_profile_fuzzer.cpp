// SPDX-License-Identifier: LGPL-2.1-or-later
// Profile files, as they come and with their checksum made right. What is accepted can be written
// again, and codes a tensor that comes back.
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

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Status &status) {
  require(status.ok() == status.message.empty());
}

void check_data(const ProfileData &data) {
  require(data.channels > 0 && data.channels <= kMaxProfileChannels);
  require(data.components <= data.channels && data.positions <= kMaxProfilePositions);
  require(data.mean.size() == data.channels);
  require(data.weights.empty() || data.weights.size() == data.channels);
  require(data.basis.size() == size_t{data.components} * data.channels);
  require(data.deviations.size() == data.components);
  require(data.correlations.size() == data.components);
  require(data.position_means.size() == size_t{data.positions} * data.components);
  for (const auto *values : {&data.mean, &data.weights, &data.basis, &data.deviations,
                             &data.correlations, &data.position_means})
    for (const float value : *values) require(std::isfinite(value));
}

void write_again(const ProfileData &data) {
  Bytes file;
  const Status written = Profile::write(data, file);
  check(written);
  if (!written.ok()) return;  // rounding may have left rows that are not orthonormal
  std::shared_ptr<const Profile> again;
  require(Profile::parse(file, again).ok());
  require(again->data().name == data.name && again->data().origin == data.origin);
  require(again->data().channels == data.channels && again->data().components == data.components &&
          again->data().positions == data.positions);
}

void code(const Profile &profile) {
  constexpr uint32_t kMaxChannels = 64;
  const uint32_t channels = profile.data().channels;
  if (channels > kMaxChannels) return;
  TensorInfo tensor;
  tensor.shape = {3, channels};
  std::vector<float> values;
  for (uint32_t i = 0; i < 3 * channels; ++i)
    values.push_back(static_cast<float>(static_cast<int>(i * 7919 % 97) - 48) / 8);
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t *>(values.data()),
                                       values.size() * sizeof(float));
  EncodeOptions options;
  options.target = Target::kStep;
  options.value = 0.5;
  options.effort = 1;
  Bytes unit;
  const Status status = Encoder().encode(tensor, bytes, options, &profile, unit);
  check(status);
  if (!status.ok()) {
    require(unit.empty());
    return;
  }
  UnitInfo info;
  require(Decoder().read_info(unit, info).ok());
  require(info.tensor == tensor && info.bytes == unit.size());
  Bytes decoded(bytes.size());
  require(Decoder().decode(unit, &profile, decoded).ok());
}

void parse(std::span<const uint8_t> file) {
  std::shared_ptr<const Profile> profile;
  const Status status = Profile::parse(file, profile);
  check(status);
  if (!status.ok()) return;
  require(profile != nullptr && profile->hash() != 0);
  require(profile->id() == static_cast<uint32_t>(profile->hash() >> 32));
  check_data(profile->data());
  write_again(profile->data());
  code(*profile);
}

// Sizes that are right but take long; where they stand: docs/feature-codec.md, "Profiles".
bool is_large(std::span<const uint8_t> file) {
  constexpr size_t kSizes = 12;
  constexpr uint64_t kMost = 1 << 16;
  if (file.size() < kSizes + 12) return false;
  uint64_t sizes[3];
  for (size_t i = 0; i < 3; ++i) {
    sizes[i] = 0;
    for (size_t k = 0; k < 4; ++k)
      sizes[i] |= static_cast<uint64_t>(file[kSizes + 4 * i + k]) << (8 * k);
  }
  const auto &[channels, components, positions] = sizes;
  return channels * components > kMost || positions * components > kMost;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::span<const uint8_t> file(data, size);
  if (is_large(file)) return 0;
  parse(file);
  constexpr size_t kChecksum = 4;
  if (size < kChecksum) return 0;
  Bytes right(file.begin(), file.end());
  auto crc = static_cast<uint32_t>(crc32_z(0, right.data(), size - kChecksum));
  for (size_t i = size - kChecksum; i < size; ++i, crc >>= 8) right[i] = static_cast<uint8_t>(crc);
  parse(right);
  return 0;
}
