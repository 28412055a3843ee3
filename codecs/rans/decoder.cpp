// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/rans/decoder_steps.h"
#include "codecs/rans/layout.h"
#include "codecs/rans/rans.h"

namespace feat::rans {

namespace {

// What is wrong with the lists beside the coded values; empty if nothing is.
std::string fault(const Tables &tables, std::span<const uint8_t> table_of, size_t values) {
  if (table_of.size() != values)
    return std::to_string(table_of.size()) + " numbers of tables are not one for each of " +
           std::to_string(values) + " values";
  if (values > kMaxValues)
    return std::to_string(values) + " values are more than " + std::to_string(kMaxValues);
  uint8_t last = 0;
  for (const uint8_t table : table_of) last = std::max(last, table);
  if (last >= tables.count())
    return "table " + std::to_string(last) + " is not one of the " +
           std::to_string(tables.count()) + " tables";
  return {};
}

}  // namespace

bool decode(const Tables &tables, std::span<const uint8_t> bytes, std::span<const uint8_t> table_of,
            std::span<int32_t> values, std::string &error) {
  if (values.empty() && bytes.empty() && table_of.empty()) return true;
  if (std::string what = fault(tables, table_of, values.size()); !what.empty()) {
    error = std::move(what);
    return false;
  }
  const DecodeView view = static_cast<const CodingTables &>(tables).decode_view();
  ChunkReader reader;
  if (values.empty() || !reader.open(bytes, values.size())) {
    error = no_bytes_of(bytes.size(), values.size());
    return false;
  }
  const uint64_t size = reader.layout().chunk_values(values.size());
  for (uint64_t i = 0; i < reader.layout().chunks; ++i) {
    const auto from = static_cast<size_t>(i * size);
    const size_t count = std::min<size_t>(size, values.size() - from);
    ChunkState chunk;
    if (!reader.next(chunk) ||
        !decode_steps(view, table_of.data() + from, count, chunk, values.data() + from) ||
        !chunk.ended()) {
      error = damaged_chunk(i, reader.layout().chunks, bytes.size());
      return false;
    }
  }
  return true;
}

}  // namespace feat::rans
