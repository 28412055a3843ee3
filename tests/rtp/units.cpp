// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/rtp/units.h"

namespace test {

namespace {

constexpr size_t kValues = size_t{kUnitRows} * kUnitColumns;
constexpr uint32_t kMask = 0x3ff;

void put(std::vector<uint8_t> &bytes, uint32_t value) {
  bytes.push_back(static_cast<uint8_t>(value & 0xff));
  bytes.push_back(static_cast<uint8_t>(value >> 8));
}

uint32_t value_at(std::span<const uint8_t> bytes, size_t i) {
  return bytes[2 * i] | static_cast<uint32_t>(bytes[2 * i + 1]) << 8;
}

}  // namespace

std::vector<uint8_t> make_unit(uint32_t index) {
  std::vector<uint8_t> bytes;
  bytes.reserve(2 * kValues);
  for (int shift = 0; shift < 30; shift += 10) put(bytes, (index >> shift) & kMask);
  uint32_t noise = index * 2654435761U + 1;
  while (bytes.size() < 2 * kValues) {
    noise = noise * 1664525U + 1013904223U;
    put(bytes, noise >> 22);
  }
  return bytes;
}

std::optional<uint32_t> read_unit(std::span<const uint8_t> bytes) {
  if (bytes.size() != 2 * kValues) return std::nullopt;
  const uint32_t index = value_at(bytes, 0) | value_at(bytes, 1) << 10 | value_at(bytes, 2) << 20;
  const std::vector<uint8_t> expected = make_unit(index);
  if (!std::equal(bytes.begin(), bytes.end(), expected.begin())) return std::nullopt;
  return index;
}

}  // namespace test
