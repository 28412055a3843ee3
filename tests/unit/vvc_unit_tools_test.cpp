// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parameter sets carried from unit to unit, and user data put into units.
#include <gtest/gtest.h>

#include <vector>

#include "codecs/vvc/vvc.h"
#include "tests/unit/vvc_content.h"

namespace feat::vvc {
namespace {

using Bytes = std::vector<uint8_t>;
constexpr int kSps = 15;
constexpr int kPps = 16;

Bytes encode(int width, int height, std::span<const UserData> user_data = {}) {
  Status status;
  EncoderConfig config;
  config.width = width;
  config.height = height;
  const auto encoder = Encoder::create(config, status);
  const auto samples = synthetic_content("feature", width, height, 10);
  Bytes unit;
  EncodeOptions options;
  options.md5_sei = true;
  EXPECT_TRUE(
      encoder->encode({samples.data(), width, height, width}, options, user_data, unit).ok());
  return unit;
}

// NAL units with their start codes of three bytes, those of the given types left out.
Bytes without(const Bytes &unit, std::initializer_list<int> types) {
  Bytes out;
  bool keep = false;
  for (size_t i = 0; i < unit.size(); i++) {
    if (i + 4 < unit.size() && unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1) {
      keep = std::find(types.begin(), types.end(), unit[i + 4] >> 3) == types.end();
    }
    if (keep) out.push_back(unit[i]);
  }
  return out;
}

Bytes join(Bytes a, const Bytes &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Picture decode(const Bytes &unit) {
  Picture picture;
  const Status status = Decoder::create({})->decode(unit, picture);
  EXPECT_TRUE(status.ok()) << status.message;
  return picture;
}

TEST(ParameterSetMemory, GivesWhatAUnitLacks) {
  const Bytes unit = encode(40, 24);
  ParameterSetMemory memory;
  EXPECT_TRUE(memory.missing_sets(unit).empty());
  for (const Bytes &bare :
       {without(unit, {kSps}), without(unit, {kPps}), without(unit, {kSps, kPps})}) {
    const Picture picture = decode(join(memory.missing_sets(bare), bare));
    EXPECT_EQ(picture.samples, decode(unit).samples);
  }
  memory.reset();
  EXPECT_TRUE(memory.missing_sets(without(unit, {kSps, kPps})).empty());
}

TEST(ParameterSetMemory, KeepsTheLastOnes) {
  const Bytes small = encode(40, 24);
  const Bytes large = encode(64, 48);
  ParameterSetMemory memory;
  memory.missing_sets(small);
  memory.missing_sets(large);
  const Bytes bare = without(large, {kSps, kPps});
  const Bytes sets = memory.missing_sets(bare);
  EXPECT_EQ(decode(join(sets, bare)).width, 64);
  EXPECT_EQ(memory.missing_sets(bare), sets);
}

// A damaged set is not kept, and the one it was to replace is not used in its stead.
TEST(ParameterSetMemory, ForgetsWhatADamagedSetReplaces) {
  const Bytes unit = encode(40, 24);
  ParameterSetMemory memory;
  memory.missing_sets(unit);
  const Bytes bare = without(unit, {kSps, kPps});
  const size_t both = memory.missing_sets(bare).size();
  Bytes cut = {0, 0, 1, 0, kSps << 3 | 1, unit[6]};  // the id, and no more
  EXPECT_FALSE(memory.missing_sets(cut).empty());    // the PPS
  const size_t rest = memory.missing_sets(bare).size();
  EXPECT_GT(rest, 0U);
  EXPECT_LT(rest, both);
}

TEST(UserData, InsertedAsTheEncoderDoes) {
  UserData message;
  message.uuid.fill(7);
  message.payload = {1, 0, 0, 0, 2};
  const Bytes expected = encode(40, 24, {&message, 1});
  const Bytes plain = encode(40, 24);
  EXPECT_EQ(insert_user_data(plain, {&message, 1}), expected);
  EXPECT_EQ(insert_user_data(plain, {}), plain);
  std::vector<UserData> read;
  EXPECT_TRUE(read_user_data(expected, read).ok());
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].uuid, message.uuid);
  EXPECT_EQ(read[0].payload, message.payload);
  EXPECT_EQ(decode(expected).user_data.size(), 1U);
}

TEST(UserData, DamagedMessageIsAnError) {
  const Bytes unit = {0, 0, 1, 0, 23 << 3 | 1, 5, 200, 1, 2, 3, 0x80};
  std::vector<UserData> read;
  EXPECT_EQ(read_user_data(unit, read).code, Status::Code::kCorrupt);
}

}  // namespace
}  // namespace feat::vvc
