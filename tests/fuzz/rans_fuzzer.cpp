// SPDX-License-Identifier: LGPL-2.1-or-later
// The entropy coder of learned codecs.
//
// First byte: the lowest bit chooses. 0: the rest is coded bytes as an attacker would send them,
// behind the number of values (two bytes). All kernels have to agree, and what is right has to be
// what the encoder writes. 1: the rest is values, which have to come back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/rans/decoder_steps.h"
#include "codecs/rans/encoder.h"
#include "codecs/rans/layout.h"
#include "codecs/rans/rans.h"
#include "codecs/rans/tables.h"

using namespace feat::rans;

namespace {

using Bytes = std::vector<uint8_t>;

void require(bool condition) {
  if (!condition) std::abort();
}

// With raw bits and without, since these have kernels of their own.
std::shared_ptr<const Tables> build(bool raw) {
  Distribution lowest = gaussian(1);
  lowest.first = -kMaxValue;
  std::vector<Distribution> distributions = {gaussian(0.11), gaussian(0.4), gaussian(3),
                                             gaussian(20), lowest};
  if (raw) distributions.insert(distributions.end(), {gaussian(60), gaussian(256), gaussian(4000)});
  std::string error;
  auto tables = Tables::build(distributions, error);
  require(tables != nullptr);
  return tables;
}

const CodingTables &tables_for(bool raw) {
  static const std::shared_ptr<const Tables> with = build(true);
  static const std::shared_ptr<const Tables> without = build(false);
  return static_cast<const CodingTables &>(raw ? *with : *without);
}

std::vector<uint8_t> some_tables(const CodingTables &tables, size_t count) {
  std::vector<uint8_t> table_of(count);
  for (size_t i = 0; i < count; ++i)
    table_of[i] = static_cast<uint8_t>((i * 7 + i / 5) % static_cast<size_t>(tables.count()));
  return table_of;
}

bool decode_without_vectors(const CodingTables &tables, std::span<const uint8_t> bytes,
                            std::span<const uint8_t> table_of, std::span<int32_t> values) {
  ChunkReader reader;
  if (!reader.open(bytes, values.size())) return false;
  const auto size = static_cast<size_t>(reader.layout().chunk_values(values.size()));
  for (size_t from = 0; from < values.size(); from += size) {
    ChunkState chunk;
    const size_t count = std::min(size, values.size() - from);
    if (!reader.next(chunk) ||
        !scalar::decode_steps(tables.decode_view(), table_of.data() + from, count, chunk,
                              values.data() + from) ||
        !chunk.ended())
      return false;
  }
  return true;
}

void hostile(const CodingTables &tables, std::span<const uint8_t> input) {
  if (input.size() < 2) return;
  const size_t count = 1 + input[0] + 256 * (input[1] & 15);
  const std::span<const uint8_t> bytes = input.subspan(2);
  const std::vector<uint8_t> table_of = some_tables(tables, count);
  std::vector<int32_t> values(count);
  std::vector<int32_t> expected(count);
  std::string error;
  const bool right = decode(tables, bytes, table_of, values, error);
  require(right == error.empty());
  require(right == decode_without_vectors(tables, bytes, table_of, expected));
  if (!right) return;
  require(values == expected);
  ChunkReader reader;
  require(reader.open(bytes, count));
  Bytes again;
  encode_by(reader.layout(), tables, values, table_of, again);
  require(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

void there_and_back(const CodingTables &tables, std::span<const uint8_t> input) {
  std::vector<int32_t> values;
  for (size_t i = 0; i + 1 < input.size(); i += 2) {
    const int32_t low = static_cast<int8_t>(input[i]);
    values.push_back(low * (1 << (input[i + 1] % 18)) + (input[i + 1] >> 5));
  }
  const std::vector<uint8_t> table_of = some_tables(tables, values.size());
  Bytes bytes;
  std::string error;
  require(encode(tables, values, table_of, bytes, error));
  std::vector<int32_t> decoded(values.size());
  require(decode(tables, bytes, table_of, decoded, error));
  require(decoded == values);
  if (values.empty()) return;
  for (int log2_lanes = 0; log2_lanes <= 5; ++log2_lanes) {
    bytes.clear();
    encode_by({log2_lanes, 1}, tables, values, table_of, bytes);
    require(decode(tables, bytes, table_of, decoded, error));
    require(decoded == values);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  const CodingTables &tables = tables_for((data[0] & 2) != 0);
  if ((data[0] & 1) == 0)
    hostile(tables, rest);
  else
    there_and_back(tables, rest);
  return 0;
}
