// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/profile.h"

#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "codecs/feature/profile_basis.h"
#include "codecs/feature/profile_bytes.h"
#include "codecs/feature/profile_positions.h"
#include "codecs/feature/utf8.h"

namespace feat::native {

namespace {

using Code = Status::Code;

constexpr std::array<uint8_t, 4> kMagic = {0xf5, 'F', 'P', 'R'};
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasWeights = 1;
// Magic, version, flags, bytes of name and origin, channels, components, positions, step of the
// basis, step of the positions, bytes of the basis, bytes of the positions.
constexpr size_t kHeaderBytes = 4 + 1 + 1 + 2 + 2 + 2 + 7 * 4;
constexpr size_t kChecksumBytes = 4;
// A byte of code stands for at most this many numbers: what a file can make a reader allocate is
// bounded by what it has. A code that is shorter is padded with zeros.
constexpr uint64_t kNumbersPerByte = 4096;
constexpr float kCorrelationUnit = 0x1p-7F;

struct Header {
  bool has_weights = false;
  uint16_t name_bytes = 0;
  uint16_t origin_bytes = 0;
  uint32_t channels = 0;
  uint32_t components = 0;
  uint32_t positions = 0;
  float basis_step = 0;
  float position_step = 0;
  uint32_t basis_bytes = 0;
  uint32_t position_bytes = 0;

  uint64_t basis_numbers() const { return uint64_t{components} * channels; }
  uint64_t position_numbers() const { return uint64_t{positions} * components; }
  uint64_t file_bytes() const {
    // Channels: mean and weight. Components: deviation, correlation, shift.
    return kHeaderBytes + uint64_t{name_bytes} + origin_bytes +
           uint64_t{channels} * (has_weights ? 8 : 4) + uint64_t{components} * (4 + 1 + 1) +
           basis_bytes + position_bytes + kChecksumBytes;
  }
};

Status fail(Code code, std::string message) {
  return {code, "profile: " + std::move(message)};
}

std::string above(const char *what, uint64_t value, uint64_t limit) {
  return std::to_string(value) + " " + what + "; the limit is " + std::to_string(limit);
}

uint32_t checksum(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

// What the limits say of the sizes.
Status check_sizes(uint32_t channels, uint32_t components, uint32_t positions) {
  if (channels == 0 || channels > kMaxProfileChannels)
    return fail(Code::kLimit, above("channels", channels, kMaxProfileChannels));
  if (components > channels)
    return fail(Code::kInvalidArgument, above("components", components, channels));
  if (positions > kMaxProfilePositions)
    return fail(Code::kLimit, above("positions", positions, kMaxProfilePositions));
  if (uint64_t{positions} * components > kMaxProfilePositionMeans)
    return fail(Code::kLimit, above("means of positions", uint64_t{positions} * components,
                                    kMaxProfilePositionMeans));
  return {};
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

// What numbers may be; the same for what is written and what was read.
Status check_numbers(const ProfileData &data) {
  if (!all_finite(data.mean) || !all_finite(data.weights) || !all_finite(data.deviations) ||
      !all_finite(data.position_means))
    return fail(Code::kNonFinite, "a number is not finite");
  if (std::ranges::any_of(data.weights, [](float w) { return !(w > 0); }))
    return fail(Code::kInvalidArgument, "a weight is not above 0");
  if (std::ranges::any_of(data.deviations, [](float d) { return d < 0; }))
    return fail(Code::kInvalidArgument, "a deviation is below 0");
  return {};
}

void write_header(const Header &header, std::vector<uint8_t> &file) {
  append_values<uint8_t>(file, kMagic);
  append_value(file, kVersion);
  append_value<uint8_t>(file, header.has_weights ? kHasWeights : 0);
  append_value(file, header.name_bytes);
  append_value(file, header.origin_bytes);
  append_value<uint16_t>(file, 0);
  for (const uint32_t size : {header.channels, header.components, header.positions})
    append_value(file, size);
  append_value(file, header.basis_step);
  append_value(file, header.position_step);
  append_value(file, header.basis_bytes);
  append_value(file, header.position_bytes);
}

Status read_header(std::span<const uint8_t> file, Header &header) {
  if (file.size() < kHeaderBytes + kChecksumBytes ||
      !std::equal(kMagic.begin(), kMagic.end(), file.begin()))
    return fail(Code::kCorrupt, "this is not a profile file");
  ByteTaker taker(file.subspan(kMagic.size()));
  const auto version = taker.value<uint8_t>();
  const auto flags = taker.value<uint8_t>();
  header.has_weights = (flags & kHasWeights) != 0;
  header.name_bytes = taker.value<uint16_t>();
  header.origin_bytes = taker.value<uint16_t>();
  const auto reserved = taker.value<uint16_t>();
  if (version != kVersion)
    return fail(Code::kUnsupported, "version " + std::to_string(version) +
                                        "; this program reads version " + std::to_string(kVersion));
  if ((flags & ~kHasWeights) != 0 || reserved != 0)
    return fail(Code::kUnsupported, "the file has fields that this program does not know");
  header.channels = taker.value<uint32_t>();
  header.components = taker.value<uint32_t>();
  header.positions = taker.value<uint32_t>();
  header.basis_step = taker.value<float>();
  header.position_step = taker.value<float>();
  header.basis_bytes = taker.value<uint32_t>();
  header.position_bytes = taker.value<uint32_t>();
  return {};
}

// Everything that can be said of a file before anything is allocated.
Status check_file(std::span<const uint8_t> file, const Header &header) {
  if (Status status = check_sizes(header.channels, header.components, header.positions);
      !status.ok())
    return status;
  if (header.file_bytes() != file.size())
    return fail(Code::kCorrupt, "the file has " + std::to_string(file.size()) +
                                    " bytes, its header says " +
                                    std::to_string(header.file_bytes()));
  if (header.basis_numbers() > header.basis_bytes * kNumbersPerByte ||
      header.position_numbers() > header.position_bytes * kNumbersPerByte)
    return fail(Code::kCorrupt, "there are fewer bytes than its sizes need");
  if (!(header.basis_step > 1e-6F && header.basis_step < 1) ||
      !(header.position_step > 1e-6F && header.position_step < 1e9F))
    return fail(Code::kCorrupt, "a step is out of range");
  const auto content = file.first(file.size() - kChecksumBytes);
  if (ByteTaker(file.last(kChecksumBytes)).value<uint32_t>() != checksum(content))
    return fail(Code::kCorrupt, "the checksum is wrong: the file is damaged");
  return {};
}

void pad(std::vector<uint8_t> &code, uint64_t numbers) {
  const uint64_t least = (numbers + kNumbersPerByte - 1) / kNumbersPerByte;
  if (code.size() < least) code.resize(least);
}

Status check_limits(const ProfileData &data) {
  return check_sizes(data.channels, data.components, data.positions);
}

Status check_lengths(const ProfileData &data) {
  const auto expect = [](const char *what, size_t have, uint64_t want) {
    if (have == want) return Status{};
    return fail(Code::kInvalidArgument, std::to_string(have) + " numbers of the " + what +
                                            " instead of " + std::to_string(want));
  };
  const uint64_t components = data.components;
  for (Status status :
       {expect("mean", data.mean.size(), data.channels),
        expect("weights", data.weights.size(), data.weights.empty() ? 0 : data.channels),
        expect("basis", data.basis.size(), components * data.channels),
        expect("deviations", data.deviations.size(), components),
        expect("correlations", data.correlations.size(), components),
        expect("positions' means", data.position_means.size(), components * data.positions)})
    if (!status.ok()) return status;
  return {};
}

Status check_texts(const ProfileData &data) {
  for (const std::string *text : {&data.name, &data.origin}) {
    if (text->size() > kMaxProfileText)
      return fail(Code::kLimit, above("bytes of name or origin", text->size(), kMaxProfileText));
    if (!is_utf8_text(*text))
      return fail(Code::kInvalidArgument, "name or origin is not a text in UTF-8");
  }
  return {};
}

Status check_basis(const ProfileData &data) {
  if (!all_finite(data.basis) || !all_finite(data.correlations))
    return fail(Code::kNonFinite, "a number is not finite");
  for (size_t row = 0; row < data.components; ++row) {
    double square = 0;
    for (size_t c = 0; c < data.channels; ++c) {
      const double value = data.basis[row * data.channels + c];
      square += value * value;
    }
    if (const std::string wrong = wrong_length(row, square); !wrong.empty())
      return fail(Code::kInvalidArgument, wrong);
  }
  return {};
}

}  // namespace

Status Profile::write(const ProfileData &data, std::vector<uint8_t> &file) {
  // Sizes first: the others count on them.
  for (const auto &check : {check_limits, check_lengths, check_texts, check_numbers, check_basis})
    if (Status status = check(data); !status.ok()) return status;
  CodedBasis basis;
  const std::string wrong = encode_basis(data.basis, data.deviations, data.channels, basis);
  if (!wrong.empty()) return fail(Code::kInvalidArgument, wrong);
  CodedPositions positions = encode_positions(data.position_means, data.deviations);
  Header header;
  header.has_weights = !data.weights.empty();
  header.name_bytes = static_cast<uint16_t>(data.name.size());
  header.origin_bytes = static_cast<uint16_t>(data.origin.size());
  header.channels = data.channels;
  header.components = data.components;
  header.positions = data.positions;
  header.basis_step = basis.step;
  header.position_step = positions.step;
  pad(basis.code, header.basis_numbers());
  pad(positions.code, header.position_numbers());
  header.basis_bytes = static_cast<uint32_t>(basis.code.size());
  header.position_bytes = static_cast<uint32_t>(positions.code.size());

  file.clear();
  file.reserve(header.file_bytes());
  write_header(header, file);
  file.insert(file.end(), data.name.begin(), data.name.end());
  file.insert(file.end(), data.origin.begin(), data.origin.end());
  append_values<float>(file, data.mean);
  append_values<float>(file, data.weights);
  append_values<float>(file, data.deviations);
  for (const float correlation : data.correlations) {
    const float units = std::clamp(correlation / kCorrelationUnit, -127.F, 127.F);
    append_value(file, static_cast<int8_t>(std::lround(units)));
  }
  append_values<uint8_t>(file, basis.shifts);
  append_values<uint8_t>(file, basis.code);
  append_values<uint8_t>(file, positions.code);
  append_value(file, checksum(file));
  return {};
}

Status Profile::parse(std::span<const uint8_t> file, std::shared_ptr<const Profile> &profile) {
  Header header;
  Status status = read_header(file, header);
  if (status.ok()) status = check_file(file, header);
  if (!status.ok()) return status;

  auto parsed = std::make_shared<Profile>();
  ProfileData &data = parsed->data_;
  ByteTaker taker(file.subspan(kHeaderBytes));
  data.name = taker.text(header.name_bytes);
  data.origin = taker.text(header.origin_bytes);
  data.channels = header.channels;
  data.components = header.components;
  data.positions = header.positions;
  data.mean = taker.values<float>(header.channels);
  if (header.has_weights) data.weights = taker.values<float>(header.channels);
  data.deviations = taker.values<float>(header.components);
  data.correlations.reserve(header.components);
  for (const uint8_t byte : taker.bytes(header.components))
    data.correlations.push_back(static_cast<float>(static_cast<int8_t>(byte)) * kCorrelationUnit);
  const auto shifts = taker.bytes(header.components);
  if (std::ranges::any_of(shifts, [](uint8_t shift) { return shift > kMaxBasisShift; }))
    return fail(Code::kCorrupt, "a step is out of range");
  if (status = check_texts(data); !status.ok()) return status;
  if (status = check_numbers(data); !status.ok()) return status;

  const std::string error = decode_basis(taker.bytes(header.basis_bytes), shifts, header.basis_step,
                                         header.channels, data.basis);
  if (!error.empty()) return fail(Code::kCorrupt, error);
  data.position_means = decode_positions(taker.bytes(header.position_bytes), data.deviations,
                                         header.position_step, header.positions);
  if (!all_finite(data.position_means)) return fail(Code::kCorrupt, "a number is not finite");
  parsed->hash_ = XXH3_64bits(file.data(), file.size());
  profile = std::move(parsed);
  return {};
}

}  // namespace feat::native
