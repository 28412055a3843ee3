// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "tests/unit/vvc_content.h"

namespace feat::vvc {
namespace {

std::vector<uint8_t> encode(const std::vector<uint16_t> &samples, const EncoderConfig &config,
                            int effort = kDefaultEffort) {
  Status status;
  const auto encoder = Encoder::create(config, status);
  std::vector<uint8_t> unit;
  status = encoder->encode({samples.data(), config.width, config.height, config.width},
                           {.effort = effort, .md5_sei = true, .lossless = true}, {}, unit);
  EXPECT_TRUE(status.ok()) << status.message;
  EXPECT_EQ(encoder->qp(), config.bit_depth == 10 ? -8 : 4);
  const auto recon = encoder->reconstruction();
  for (int y = 0; y < config.height; ++y) {
    EXPECT_TRUE(std::equal(recon.data + y * recon.stride,
                           recon.data + y * recon.stride + config.width,
                           samples.data() + y * config.width))
        << "row " << y;
  }
  return unit;
}

std::vector<uint16_t> decode(const std::vector<uint8_t> &unit) {
  Picture picture;
  const Status status = Decoder::create({})->decode(unit, picture);
  EXPECT_TRUE(status.ok()) << status.message;
  EXPECT_TRUE(picture.md5_present);
  return picture.samples;
}

TEST(VvcLossless, EveryContentComesBack) {
  for (const char *content : {"flat", "noise", "gradient", "checker", "feature"}) {
    for (const int depth : {8, 10}) {
      for (const auto &[width, height] : {std::pair{1, 1}, {17, 9}, {67, 130}, {200, 70}}) {
        SCOPED_TRACE(std::string(content) + " " + std::to_string(width) + "x" +
                     std::to_string(height) + " depth " + std::to_string(depth));
        const std::vector<uint16_t> samples = synthetic_content(content, width, height, depth);
        EXPECT_EQ(decode(encode(samples, {width, height, depth})), samples);
      }
    }
  }
}

TEST(VvcLossless, EveryEffortComesBack) {
  const std::vector<uint16_t> samples = synthetic_content("feature", 90, 40, 10);
  for (int effort = 0; effort <= kMaxEffort; ++effort) {
    EXPECT_EQ(decode(encode(samples, {90, 40, 10}, effort)), samples) << "effort " << effort;
  }
}

TEST(VvcLossless, ThreadsMakeNoDifference) {
  const std::vector<uint16_t> samples = synthetic_content("feature", 300, 200, 10);
  EXPECT_EQ(encode(samples, {300, 200, 10, 3}), encode(samples, {300, 200, 10, 1}));
}

// Differences between neighbours take fewer bits than the samples themselves.
TEST(VvcLossless, PredictionSavesRate) {
  const std::vector<uint16_t> gradient = synthetic_content("gradient", 128, 128, 10);
  EXPECT_LT(encode(gradient, {128, 128, 10}).size(), size_t{128 * 128 * 10 / 8 / 3});
  const std::vector<uint16_t> flat = synthetic_content("flat", 128, 128, 10);
  EXPECT_LT(encode(flat, {128, 128, 10}).size(), 100U);
}

TEST(VvcLossless, PicturesWithAndWithoutLossFollowEachOther) {
  const std::vector<uint16_t> samples = synthetic_content("feature", 72, 40, 10);
  Status status;
  const auto encoder = Encoder::create({72, 40, 10}, status);
  const auto decoder = Decoder::create({});
  for (const bool lossless : {false, true, false, true}) {
    std::vector<uint8_t> unit;
    ASSERT_TRUE(encoder
                    ->encode({samples.data(), 72, 40, 72},
                             {.qp = 40, .md5_sei = true, .lossless = lossless}, {}, unit)
                    .ok());
    Picture picture;
    ASSERT_TRUE(decoder->decode(unit, picture).ok());
    EXPECT_EQ(picture.samples == samples, lossless);
    EXPECT_EQ(encoder->qp(), lossless ? -8 : 40);
  }
}

}  // namespace
}  // namespace feat::vvc
