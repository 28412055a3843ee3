// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/vvc/common/md5.h"
#include "codecs/vvc/encoder/smoothness.h"
#include "codecs/vvc/vvc.h"
#include "tests/unit/vvc_agreed_streams.h"
#include "tests/unit/vvc_content.h"

namespace feat::vvc {
namespace {

std::unique_ptr<Encoder> make_encoder(int width, int height, int depth) {
  Status status;
  auto encoder = Encoder::create({width, height, depth}, status);
  EXPECT_TRUE(status.ok()) << status.message;
  return encoder;
}

std::string refusal(const EncoderConfig &config) {
  Status status;
  EXPECT_EQ(Encoder::create(config, status), nullptr);
  EXPECT_EQ(status.code, Status::Code::kInvalidArgument);
  return status.message;
}

TEST(VvcEncoder, RefusesConfigurationsOutOfRange) {
  EXPECT_EQ(refusal({0, 8, 10}), "picture size 0x8 is outside 1x1 to 8192x8192");
  EXPECT_EQ(refusal({8, 8193, 10}), "picture size 8x8193 is outside 1x1 to 8192x8192");
  EXPECT_EQ(refusal({8, -1, 10}), "picture size 8x-1 is outside 1x1 to 8192x8192");
  EXPECT_EQ(refusal({8, 8, 9}), "bit depth 9 is neither 8 nor 10");
}

TEST(VvcEncoder, RefusesPicturesThatDoNotFit) {
  const auto encoder = make_encoder(4, 2, 8);
  std::vector<uint16_t> samples(12, 17);
  std::vector<uint8_t> out;
  const auto message = [&](Plane<const uint16_t> plane, int qp) {
    const Status status = encoder->encode(plane, {.qp = qp}, {}, out);
    EXPECT_EQ(status.code, Status::Code::kInvalidArgument);
    EXPECT_TRUE(out.empty());
    return status.message;
  };
  EXPECT_EQ(message({samples.data(), 4, 2, 4}, -1), "QP -1 is outside 0 to 63");
  EXPECT_EQ(message({samples.data(), 4, 2, 4}, 64), "QP 64 is outside 0 to 63");
  EXPECT_EQ(message({nullptr, 4, 2, 4}, 30), "the picture has no samples");
  EXPECT_EQ(message({samples.data(), 4, 3, 4}, 30), "a picture of 4x3 given to an encoder of 4x2");
  EXPECT_EQ(message({samples.data(), 4, 2, 3}, 30), "stride 3 is less than the width 4");
  samples[7] = 256;
  EXPECT_EQ(message({samples.data(), 4, 2, 6}, 30),
            "sample 256 at (1, 1) is above 255, the largest of 8 bits");
}

TEST(VvcEncoder, LevelFollowsSize) {
  const auto level = [](int width, int height) {
    return make_encoder(width, height, 10)->profile_tier_level().level_idc;
  };
  EXPECT_EQ(level(1, 1), 16);
  EXPECT_EQ(level(192, 192), 16);
  EXPECT_EQ(level(193, 192), 32);
  EXPECT_EQ(level(544, 8), 32);  // 544^2 > 8 * 36864
  EXPECT_EQ(level(1536, 257), 48);
  EXPECT_EQ(level(8192, 8), 80);
  EXPECT_EQ(level(6144, 3222), 96);
}

struct Case {
  const char *content;
  int width, height, depth, qp;
};

void expect_decodes_to_reconstruction(const Case &c) {
  SCOPED_TRACE(std::string(c.content) + " " + std::to_string(c.width) + "x" +
               std::to_string(c.height) + " depth " + std::to_string(c.depth) + " QP " +
               std::to_string(c.qp));
  const std::vector<uint16_t> samples = synthetic_content(c.content, c.width, c.height, c.depth);
  const auto encoder = make_encoder(c.width, c.height, c.depth);
  std::vector<uint8_t> stream;
  Status status = encoder->encode({samples.data(), c.width, c.height, c.width},
                                  {.qp = c.qp, .md5_sei = true}, {}, stream);
  ASSERT_TRUE(status.ok()) << status.message;
  Picture picture;
  status = Decoder::create({})->decode(stream, picture);
  ASSERT_TRUE(status.ok()) << status.message;
  EXPECT_TRUE(picture.md5_present);
  ASSERT_EQ(picture.width, c.width);
  ASSERT_EQ(picture.height, c.height);
  EXPECT_EQ(picture.bit_depth, c.depth);
  const auto recon = encoder->reconstruction();
  for (int y = 0; y < c.height; ++y) {
    for (int x = 0; x < c.width; ++x) {
      ASSERT_EQ(picture.samples[static_cast<size_t>(y * c.width + x)],
                recon.data[y * recon.stride + x])
          << "at (" << x << ", " << y << ")";
    }
  }
}

TEST(VvcEncoder, OwnDecoderAgrees) {
  for (const char *content : {"flat", "noise", "gradient", "checker", "feature"}) {
    for (const int qp : {0, 17, 32, 45, 63}) {
      expect_decodes_to_reconstruction({content, 1, 1, 10, qp});
      expect_decodes_to_reconstruction({content, 17, 9, 8, qp});
      expect_decodes_to_reconstruction({content, 67, 130, 10, qp});
    }
  }
}

std::string hex_md5(std::span<const uint8_t> bytes) {
  Md5 md5;
  md5.update(bytes);
  std::string hex;
  for (const uint8_t byte : md5.finish()) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

TEST(VvcEncoder, WritesTheAgreedStreams) {
  for (const AgreedStream &a : kAgreedStreams) {
    SCOPED_TRACE(std::string(a.content) + " " + std::to_string(a.width) + "x" +
                 std::to_string(a.height) + " depth " + std::to_string(a.depth) + " QP " +
                 std::to_string(a.qp));
    const std::vector<uint16_t> samples = synthetic_content(a.content, a.width, a.height, a.depth);
    std::vector<uint8_t> stream;
    ASSERT_TRUE(make_encoder(a.width, a.height, a.depth)
                    ->encode({samples.data(), a.width, a.height, a.width},
                             {.qp = a.qp, .md5_sei = true}, {}, stream)
                    .ok());
    EXPECT_EQ(hex_md5(stream), a.stream_md5);
    Picture picture;
    ASSERT_TRUE(Decoder::create({})->decode(stream, picture).ok());
    std::vector<uint8_t> bytes;
    for (const uint16_t v : picture.samples) {
      bytes.push_back(static_cast<uint8_t>(v));
      bytes.push_back(static_cast<uint8_t>(v >> 8));
    }
    EXPECT_EQ(hex_md5(bytes), a.picture_md5);
  }
}

TEST(VvcEncoder, SmoothPicturesAreToldFromTokens) {
  const auto smooth = [](const std::vector<uint16_t> &samples) {
    return is_smooth({samples.data(), 96, 80, 96});
  };
  EXPECT_FALSE(smooth(synthetic_content("flat", 96, 80, 10)));
  EXPECT_FALSE(smooth(synthetic_content("noise", 96, 80, 10)));
  EXPECT_TRUE(smooth(synthetic_content("gradient", 96, 80, 10)));
  // Every channel has a level of its own, as tokens have them.
  std::vector<uint16_t> channels = synthetic_content("noise", 96, 80, 10);
  for (size_t i = 96; i < channels.size(); ++i) channels[i] = channels[i - 96];
  EXPECT_FALSE(smooth(channels));
  // A mosaic of channels of 16x16, smooth inside.
  std::vector<uint16_t> mosaic(96 * 80);
  for (size_t i = 0; i < mosaic.size(); ++i) {
    const size_t x = i % 96;
    const size_t y = i / 96;
    const size_t level = (x / 16 * 7 + y / 16 * 5) % 11 * 80;
    mosaic[i] = static_cast<uint16_t>(level + x % 16 + y % 16);
  }
  EXPECT_FALSE(smooth(mosaic));
  EXPECT_FALSE(is_smooth({channels.data(), 1, 1, 1}));
}

TEST(VvcEncoder, EveryQpDecodes) {
  for (int qp = kMinQp; qp <= kMaxQp; ++qp) {
    expect_decodes_to_reconstruction({"feature", 40, 33, qp % 2 == 0 ? 10 : 8, qp});
  }
}

TEST(VvcEncoder, UserDataAndStreamInfoComeBack) {
  const std::vector<uint16_t> samples = synthetic_content("feature", 20, 12, 10);
  const auto encoder = make_encoder(20, 12, 10);
  UserData small;
  small.uuid.fill(0xab);
  UserData large;
  large.payload.assign(700, 0);  // emulation prevention all along, and a size of three bytes
  const std::vector<UserData> sent{small, large};
  std::vector<uint8_t> stream;
  ASSERT_TRUE(encoder->encode({samples.data(), 20, 12, 20}, {.qp = 30}, sent, stream).ok());
  Picture picture;
  ASSERT_TRUE(Decoder::create({})->decode(stream, picture).ok());
  EXPECT_FALSE(picture.md5_present);
  ASSERT_EQ(picture.user_data.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(picture.user_data[i].uuid, sent[i].uuid);
    EXPECT_EQ(picture.user_data[i].payload, sent[i].payload);
  }
  StreamInfo info;
  ASSERT_TRUE(peek_stream_info(stream, info));
  EXPECT_EQ(info.width, 20);
  EXPECT_EQ(info.height, 12);
  EXPECT_EQ(info.bit_depth, 10);
  EXPECT_EQ(info.ptl.level_idc, 16);
}

TEST(VvcEncoder, UnitsAreRepeatableAndIndependent) {
  const std::vector<uint16_t> first = synthetic_content("feature", 72, 40, 10);
  const std::vector<uint16_t> second = synthetic_content("noise", 72, 40, 10);
  const auto encoder = make_encoder(72, 40, 10);
  std::vector<uint8_t> once;
  std::vector<uint8_t> between;
  std::vector<uint8_t> again;
  ASSERT_TRUE(encoder->encode({first.data(), 72, 40, 72}, {.qp = 27}, {}, once).ok());
  ASSERT_TRUE(encoder->encode({second.data(), 72, 40, 72}, {.qp = 37}, {}, between).ok());
  ASSERT_TRUE(encoder->encode({first.data(), 72, 40, 72}, {.qp = 27}, {}, again).ok());
  EXPECT_EQ(once, again);
}

TEST(VvcEncoder, StrideIsRespected) {
  const std::vector<uint16_t> packed = synthetic_content("feature", 33, 17, 10);
  std::vector<uint16_t> spread(50 * 17, 1023);
  for (size_t y = 0; y < 17; ++y) {
    for (size_t x = 0; x < 33; ++x) spread[y * 50 + x] = packed[y * 33 + x];
  }
  const auto encoder = make_encoder(33, 17, 10);
  std::vector<uint8_t> a;
  std::vector<uint8_t> b;
  ASSERT_TRUE(encoder->encode({packed.data(), 33, 17, 33}, {.qp = 25}, {}, a).ok());
  ASSERT_TRUE(encoder->encode({spread.data(), 33, 17, 50}, {.qp = 25}, {}, b).ok());
  EXPECT_EQ(a, b);
}

TEST(VvcEncoder, SmallerQpCostsMoreAndErrsLess) {
  const std::vector<uint16_t> samples = synthetic_content("feature", 96, 64, 10);
  const auto encoder = make_encoder(96, 64, 10);
  size_t last_bytes = SIZE_MAX;
  int64_t last_error = -1;
  for (const int qp : {10, 20, 30, 40, 50}) {
    std::vector<uint8_t> stream;
    ASSERT_TRUE(encoder->encode({samples.data(), 96, 64, 96}, {.qp = qp}, {}, stream).ok());
    const auto recon = encoder->reconstruction();
    int64_t error = 0;
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 96; ++x) {
        const int64_t d =
            recon.data[y * recon.stride + x] - samples[static_cast<size_t>(y * 96 + x)];
        error += d * d;
      }
    }
    EXPECT_LT(stream.size(), last_bytes);
    EXPECT_GT(error, last_error);
    last_bytes = stream.size();
    last_error = error;
  }
}

}  // namespace
}  // namespace feat::vvc
