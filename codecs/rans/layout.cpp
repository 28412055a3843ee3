// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/layout.h"

#include <algorithm>
#include <bit>

namespace feat::rans {

namespace {

constexpr int kMaxLog2Lanes = 5;
static_assert(kMaxLanes == 1 << kMaxLog2Lanes);

// First byte.
constexpr uint8_t kLanesMask = 0x07;
constexpr uint8_t kHasDirectory = 0x08;
constexpr uint8_t kReserved = 0xF0;

// A state costs three bytes: four, less what it holds.
constexpr uint64_t kBytesPerLane = 1280;
constexpr uint64_t kBytesPerChunk = kBytesPerLane * kMaxLanes;

constexpr int kMaxNumberBytes = 5;

void write_number(uint64_t number, std::vector<uint8_t> &out) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<uint8_t>(number | 0x80));
  out.push_back(static_cast<uint8_t>(number));
}

bool read_number(std::span<const uint8_t> &bytes, uint64_t &number) {
  number = 0;
  for (int i = 0; i < kMaxNumberBytes && !bytes.empty(); ++i) {
    const uint8_t next = bytes.front();
    bytes = bytes.subspan(1);
    number |= static_cast<uint64_t>(next & 0x7F) << (7 * i);
    // Numbers have one form, the shortest.
    if ((next & 0x80) == 0) return next != 0 || i == 0;
  }
  return false;
}

}  // namespace

uint64_t Layout::chunk_values(uint64_t values) const {
  const uint64_t least = (values + chunks - 1) / chunks;
  const auto step = static_cast<uint64_t>(lanes());
  return (least + step - 1) / step * step;
}

Layout choose_layout(uint64_t values, uint64_t bytes) {
  Layout layout;
  const uint64_t lanes = std::clamp<uint64_t>(bytes / kBytesPerLane, 1, kMaxLanes);
  layout.log2_lanes = std::bit_width(lanes) - 1;
  layout.chunks = std::max<uint64_t>(bytes / kBytesPerChunk, 1);
  const uint64_t size = layout.chunk_values(values);
  layout.chunks = (values + size - 1) / size;
  return layout;
}

bool ChunkReader::open(std::span<const uint8_t> bytes, uint64_t values) {
  if (bytes.empty() || (bytes[0] & kReserved) != 0) return false;
  layout_.log2_lanes = bytes[0] & kLanesMask;
  if (layout_.log2_lanes > kMaxLog2Lanes) return false;
  rest_ = bytes.subspan(1);
  if ((bytes[0] & kHasDirectory) != 0) {
    if (!read_number(rest_, layout_.chunks)) return false;
    layout_.chunks += 2;
    // No chunk is empty.
    if (layout_.chunks > values) return false;
    if ((layout_.chunks - 1) * layout_.chunk_values(values) >= values) return false;
    directory_ = rest_;
    for (uint64_t i = 1, words = 0; i < layout_.chunks; ++i)
      if (!read_number(rest_, words)) return false;
  }
  chunks_left_ = layout_.chunks;
  return true;
}

bool ChunkReader::next(ChunkState &chunk) {
  size_t size = rest_.size();
  if (--chunks_left_ > 0) {
    uint64_t words = 0;
    read_number(directory_, words);
    const uint64_t told = layout_.state_bytes() + words * kWordBytes;
    if (told > size) return false;
    size = static_cast<size_t>(told);
  }
  if (size < layout_.state_bytes() || (size - layout_.state_bytes()) % kWordBytes != 0)
    return false;
  const uint8_t *at = rest_.data();
  rest_ = rest_.subspan(size);
  chunk.lanes = layout_.lanes();
  chunk.words = {at + layout_.state_bytes(), at + size, false};
  for (int l = 0; l < chunk.lanes; ++l, at += kStateBytes) {
    chunk.states[l] = at[0] | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
    if (chunk.states[l] < kLowest) return false;
  }
  return true;
}

std::string no_bytes_of(size_t bytes, uint64_t values) {
  return std::to_string(bytes) + " coded bytes cannot be those of " + std::to_string(values) +
         " values";
}

std::string damaged_chunk(uint64_t chunk, uint64_t chunks, size_t bytes) {
  return "chunk " + std::to_string(chunk) + " of " + std::to_string(chunks) + " in " +
         std::to_string(bytes) + " coded bytes is damaged";
}

void write_directory(const Layout &layout, std::span<const size_t> words,
                     std::vector<uint8_t> &out) {
  const bool several = layout.chunks > 1;
  out.push_back(static_cast<uint8_t>(layout.log2_lanes | (several ? kHasDirectory : 0)));
  if (!several) return;
  write_number(layout.chunks - 2, out);
  for (const size_t count : words.first(words.size() - 1)) write_number(count, out);
}

}  // namespace feat::rans
