// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The functions that warps of a GPU run, with threads that a CPU runs one after the other.
#include <gtest/gtest.h>

#include "codecs/common/serial_group.h"
#include "codecs/rans/chunk_list.h"
#include "codecs/rans/chunk_rooms.h"
#include "codecs/rans/decode_warp.h"
#include "codecs/rans/encode_warp.h"
#include "tests/unit/rans_cases.h"

namespace feat::rans::test {
namespace {

using Forwards = SerialGroup<32>;
using Backwards = SerialGroup<32, true>;

template <class Warp>
bool decode_by_warps(const Content &c, const Bytes &bytes, std::vector<int32_t> &values,
                     std::string &error) {
  ChunkList list;
  if (!list.read(bytes, values.size(), error)) return false;
  std::vector<uint8_t> good;
  for (const CodedChunk &chunk : list.chunks)
    good.push_back(decode_chunk(Warp(), coding(*c.tables).decode_view(), {c.table_of.data(), 1},
                                chunk, list.lanes, values.data()));
  return list.all_good(good, error);
}

template <class Warp>
bool encode_by_warps(const Content &c, const Layout &layout, Bytes &bytes) {
  const std::vector<ChunkRoom> rooms =
      make_rooms(layout, c.values.size(), coding(*c.tables).decode_view().raw);
  std::vector<uint16_t> buffer(rooms.back().words_end);
  const std::vector<uint32_t> reciprocals = reciprocals_of(coding(*c.tables));
  const EncodeView view = {coding(*c.tables).encode_tables(), reciprocals.data()};
  std::vector<EncodedChunk> chunks(rooms.size());
  for (size_t i = 0; i < rooms.size(); ++i) {
    chunks[i].words = encode_chunk(Warp(), view, {c.table_of.data(), 1}, c.values.data(), rooms[i],
                                   layout.lanes(), buffer.data(), chunks[i].states);
    if (chunks[i].words < 0) return false;
  }
  append_chunks(layout, rooms, chunks, buffer.data(), bytes);
  return true;
}

const Coder kCoder = {decode_by_warps<Forwards>, encode_by_warps<Forwards>};
const Coder kBackwards = {decode_by_warps<Backwards>, encode_by_warps<Backwards>};

TEST(RansWarp, SizesAndLayouts) {
  expect_sizes_and_layouts(kCoder);
}

TEST(RansWarp, RawBits) {
  expect_raw_bits(kCoder);
}

TEST(RansWarp, ExtremeValues) {
  expect_extreme_values(kCoder);
}

TEST(RansWarp, NoRoomForEscapes) {
  expect_no_room_for_escapes(kCoder);
}

TEST(RansWarp, DamagedBytes) {
  expect_damage_found(kCoder, 1);
}

TEST(RansWarp, OrderOfThreads) {
  expect_raw_bits(kBackwards);
  expect_extreme_values(kBackwards);
  expect_damage_found(kBackwards, 5);
  expect_pinned(kBackwards);
}

TEST(RansWarp, TheFormatStays) {
  expect_pinned(kCoder);
}

// States and frequencies at their ends, and those at random.
TEST(RansWarp, QuotientsWithoutDivision) {
  std::string error;
  const auto tables = Tables::build(std::vector{gaussian(30)}, error);
  ASSERT_TRUE(tables) << error;
  EncodeTable table = coding(*tables).encode_tables()[0];
  std::mt19937 rng(1);
  for (int round = 0; round < 200000; ++round) {
    EncodeTable::Symbol symbol;
    symbol.frequency = static_cast<uint16_t>(round < 2000 ? 1 + round / 4 : 1 + rng() % 0xFFFF);
    if (round % 7 == 0) symbol.frequency = static_cast<uint16_t>(0xFFFF - round % 100);
    const uint32_t largest = symbol.frequency * 65536U - 1;
    uint32_t state = std::max(kLowest, static_cast<uint32_t>(rng()) % largest);
    if (round % 3 == 0) state = std::max(kLowest, largest - round % 50);
    if (round % 5 == 0) state = std::max(kLowest, state / symbol.frequency * symbol.frequency);
    ASSERT_EQ(with_symbol_by(state, table, symbol, 0xFFFFFFFF / symbol.frequency),
              with_symbol(state, table, symbol))
        << state << " " << symbol.frequency;
  }
}

// Tables in turn, without a list of them.
TEST(RansWarp, TablesByPeriod) {
  Content c = make_content({0.3, 2, 9}, 10007);
  for (size_t i = 0; i < c.values.size(); ++i) c.table_of[i] = static_cast<uint8_t>(i % 3);
  const Bytes bytes = encoded_by(c, 5, 2);
  ChunkList list;
  std::string error;
  ASSERT_TRUE(list.read(bytes, c.values.size(), error));
  std::vector<int32_t> values(c.values.size());
  for (const CodedChunk &chunk : list.chunks)
    EXPECT_TRUE(decode_chunk(Forwards(), coding(*c.tables).decode_view(), {nullptr, 3}, chunk,
                             list.lanes, values.data()));
  EXPECT_EQ(values, c.values);
}

}  // namespace
}  // namespace feat::rans::test
