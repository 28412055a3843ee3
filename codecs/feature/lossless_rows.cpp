// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "codecs/feature/lossless_bytes.h"
#include "codecs/feature/lossless_integers.h"

namespace feat::native::lossless {
namespace {

uint64_t hash_of(std::span<const Code> row) {
  uint64_t hash = 0;
  for (const Code code : row) hash = (std::rotl(hash, 23) ^ code) * 0x9E3779B97F4A7C15U;
  return hash ^ hash >> 29;
}

template <class Coder>
bool code_sources(Coder &coder, std::vector<uint32_t> &sources) {
  std::array<Weight, 2> copies{};
  Weight same_distance;
  TableIntegers distances;
  size_t distance = 0;
  bool copied = false;
  for (size_t row = 1; row < sources.size(); ++row) {
    copied = code_bit(coder, copies[copied ? 1 : 0], sources[row] != row);
    if (!copied) {
      sources[row] = static_cast<uint32_t>(row);
      continue;
    }
    const auto wanted = static_cast<uint32_t>(row - sources[row]);
    if (!code_bit(coder, same_distance, wanted == distance))
      distance = distances.code(coder, wanted);
    if (distance == 0 || distance > row) return false;
    sources[row] = static_cast<uint32_t>(row - distance);
  }
  return true;
}

}  // namespace

std::vector<uint32_t> find_copies(std::span<const Code> codes, size_t columns) {
  const size_t rows = codes.size() / columns;
  std::vector<uint32_t> sources(rows);
  // A hash table of rows, from 1. Of equal rows the last one stands in it.
  std::vector<uint32_t> slots(std::bit_ceil(rows * 2 + 1));
  for (size_t row = 0; row < rows; ++row) {
    const auto values = codes.subspan(row * columns, columns);
    sources[row] = static_cast<uint32_t>(row);
    size_t slot = hash_of(values) % slots.size();
    for (; slots[slot] != 0; slot = (slot + 1) % slots.size()) {
      const size_t other = slots[slot] - 1;
      if (!std::equal(values.begin(), values.end(), codes.begin() + other * columns)) continue;
      sources[row] = static_cast<uint32_t>(other);
      break;
    }
    slots[slot] = static_cast<uint32_t>(row + 1);
  }
  return sources;
}

size_t count_copies(std::span<const uint32_t> sources) {
  size_t count = 0;
  for (size_t row = 0; row < sources.size(); ++row) count += sources[row] != row ? 1 : 0;
  return count;
}

std::vector<Code> without_copies(std::span<const Code> codes, size_t columns,
                                 std::span<const uint32_t> sources) {
  std::vector<Code> result;
  result.reserve((sources.size() - count_copies(sources)) * columns);
  for (size_t row = 0; row < sources.size(); ++row) {
    if (sources[row] != row) continue;
    const auto values = codes.subspan(row * columns, columns);
    result.insert(result.end(), values.begin(), values.end());
  }
  return result;
}

void write_copies(std::span<const uint32_t> sources, std::vector<uint8_t> &out) {
  std::vector<uint32_t> coded(sources.begin(), sources.end());
  std::vector<uint8_t> modelled;
  std::vector<uint8_t> raw;
  CodeWriter coder(modelled, raw);
  code_sources(coder, coded);
  coder.finish();
  put_number(out, modelled.size());
  put_number(out, raw.size());
  out.insert(out.end(), modelled.begin(), modelled.end());
  out.insert(out.end(), raw.begin(), raw.end());
}

bool read_copies(size_t rows, std::span<const uint8_t> modelled, std::span<const uint8_t> raw,
                 std::vector<uint32_t> &sources) {
  CodeReader coder(modelled, raw);
  sources.assign(rows, 0);
  return code_sources(coder, sources) && coder.at_end();
}

void spread_copies(std::span<uint8_t> data, size_t row_bytes, std::span<const uint32_t> sources) {
  // Where each row stands among those that are no copies. A row moves to a place behind all that
  // are still to be read, so the last row goes first.
  std::vector<uint32_t> places(sources.size());
  uint32_t next = 0;
  for (size_t row = 0; row < sources.size(); ++row)
    places[row] = sources[row] == row ? next++ : places[sources[row]];
  for (size_t row = sources.size(); row-- > 0;) {
    if (places[row] == row) continue;
    std::memcpy(&data[row * row_bytes], &data[places[row] * row_bytes], row_bytes);
  }
}

}  // namespace feat::native::lossless
