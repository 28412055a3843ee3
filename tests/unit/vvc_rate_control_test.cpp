// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/vvc/encoder/picture_mosaic.h"
#include "codecs/vvc/encoder/rate_control.h"
#include "codecs/vvc/vvc.h"
#include "tests/unit/vvc_content.h"

namespace feat::vvc {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 200;

const std::vector<uint16_t> &feature() {
  static const std::vector<uint16_t> samples = synthetic_content("feature", kWidth, kHeight, 10);
  return samples;
}

struct Coded {
  std::vector<uint8_t> unit;
  double mse = 0;
  int qp = 0;
};

Coded encode(EncodeOptions options, std::span<const UserData> user_data = {}, int threads = 1) {
  Status status;
  const auto encoder = Encoder::create({kWidth, kHeight, 10, threads}, status);
  options.effort = 0;
  Coded coded;
  status =
      encoder->encode({feature().data(), kWidth, kHeight, kWidth}, options, user_data, coded.unit);
  EXPECT_TRUE(status.ok()) << status.message;
  Picture picture;
  status = Decoder::create({})->decode(coded.unit, picture);
  EXPECT_TRUE(status.ok()) << status.message;
  const auto recon = encoder->reconstruction();
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const auto i = static_cast<size_t>(y * kWidth + x);
      EXPECT_EQ(recon.data[y * recon.stride + x], picture.samples.at(i));
      const double error = feature()[i] - picture.samples.at(i);
      coded.mse += error * error / (kWidth * kHeight);
    }
  }
  coded.qp = encoder->qp();
  return coded;
}

TEST(VvcRateControl, BytesAreReached) {
  for (const uint64_t bytes : {3000, 9000, 22000, 40000}) {
    const Coded coded = encode({.md5_sei = true, .target_bytes = bytes});
    EXPECT_NEAR(static_cast<double>(coded.unit.size()) / static_cast<double>(bytes), 1, 0.03)
        << bytes << " bytes, QP " << coded.qp;
  }
}

TEST(VvcRateControl, UserDataCounts) {
  UserData large;
  large.payload.assign(5000, 77);
  const std::vector<UserData> user_data{large};
  const Coded coded = encode({.target_bytes = 10000}, user_data);
  EXPECT_NEAR(static_cast<double>(coded.unit.size()), 10000, 300);
}

TEST(VvcRateControl, MeanSquaredErrorIsReached) {
  for (const double mse : {4.5, 30.0, 120.0, 400.0}) {
    const Coded coded = encode({.md5_sei = true, .target_mse = mse});
    EXPECT_NEAR(coded.mse / mse, 1, 0.03) << "MSE " << mse << ", QP " << coded.qp;
  }
}

TEST(VvcRateControl, WhatIsOutOfReachGivesTheNearest) {
  const Coded coarsest = encode({.qp = kMaxQp});
  const Coded finest = encode({.qp = kMinQp});
  EXPECT_EQ(encode({.target_bytes = 1}).unit, coarsest.unit);
  EXPECT_EQ(encode({.target_bytes = uint64_t{1} << 60}).unit, finest.unit);
  EXPECT_EQ(encode({.target_mse = 1e300}).unit, coarsest.unit);
  EXPECT_EQ(encode({.target_mse = 1e-300}).unit, finest.unit);
  EXPECT_EQ(encode({.target_mse = 1e-300}).qp, kMinQp);
  EXPECT_EQ(encode({.target_bytes = 1}).qp, kMaxQp);
}

TEST(VvcRateControl, ThreadsMakeNoDifference) {
  const Coded one = encode({.target_bytes = 12000}, {}, 1);
  const Coded three = encode({.target_bytes = 12000}, {}, 3);
  EXPECT_EQ(one.unit, three.unit);
  EXPECT_EQ(one.qp, three.qp);
}

std::string refusal(const EncodeOptions &options) {
  Status status;
  const auto encoder = Encoder::create({kWidth, kHeight, 10}, status);
  std::vector<uint8_t> unit;
  status = encoder->encode({feature().data(), kWidth, kHeight, kWidth}, options, {}, unit);
  EXPECT_EQ(status.code, Status::Code::kInvalidArgument);
  EXPECT_TRUE(unit.empty());
  return status.message;
}

TEST(VvcRateControl, RefusesOptionsThatContradict) {
  EXPECT_EQ(refusal({.lossless = true, .target_bytes = 5}),
            "2 of lossless, target_bytes and target_mse are set, at most 1 may be");
  EXPECT_EQ(refusal({.lossless = true, .target_bytes = 5, .target_mse = 2}),
            "3 of lossless, target_bytes and target_mse are set, at most 1 may be");
  EXPECT_EQ(refusal({.target_bytes = 5, .target_mse = 2}),
            "2 of lossless, target_bytes and target_mse are set, at most 1 may be");
  EXPECT_EQ(refusal({.target_mse = -1}),
            "target MSE -1.000000 is not a finite number of 0 or more");
  EXPECT_EQ(refusal({.target_mse = std::numeric_limits<double>::infinity()}),
            "target MSE inf is not a finite number of 0 or more");
  EXPECT_NE(refusal({.target_mse = std::numeric_limits<double>::quiet_NaN()}), "");
  EXPECT_EQ(refusal({.effort = 10}), "effort 10 is outside 0 to 9");
  EXPECT_EQ(refusal({.effort = -1}), "effort -1 is outside 0 to 9");
}

TEST(VvcRateControl, QpIsThatOfTheOptions) {
  EXPECT_EQ(encode({.qp = 41}).qp, 41);
}

TEST(VvcRateControl, Log2) {
  for (const uint64_t v : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{1000},
                           uint64_t{123456789}, uint64_t{1} << 62}) {
    EXPECT_NEAR(static_cast<double>(log2_of(v)) / 65536, std::log2(static_cast<double>(v) + 1),
                1e-4);
  }
}

TEST(VvcRateControl, PlansGoFromOneQpToTheNext) {
  EXPECT_EQ(plan_at(0, 7).qp, 0);
  EXPECT_FALSE(plan_at(0, 7).mixed());
  EXPECT_EQ(plan_at(kLastPosition, 7).qp, 63);
  EXPECT_FALSE(plan_at(kLastPosition, 7).mixed());
  const QpPlan plan = plan_at(20 * kPositionsPerQp + kPositionsPerQp / 2, 5);  // 2 CTUs and a half
  EXPECT_TRUE(plan.mixed());
  EXPECT_EQ(plan.slice_qp(), 21);
  EXPECT_EQ(plan.at(1), (QpPlan::Point{21, 0}));
  EXPECT_EQ(plan.at(2), (QpPlan::Point{20, kQpParts / 2}));
  EXPECT_EQ(plan.at(3), (QpPlan::Point{20, 0}));
  EXPECT_EQ(plan.typical(5), 20);
  EXPECT_EQ(plan_at(20 * kPositionsPerQp + 200, 5).typical(5), 21);
  // One CTU only has its lambda to go by.
  EXPECT_FALSE(plan_at(20 * kPositionsPerQp + 255, 1).mixed());
}

TEST(VvcRateControl, SearchCorrectsWhatProbesMissed) {
  for (int64_t wanted = -50000; wanted <= 300000; wanted += 7000) {
    int codings = 0;
    TargetSearch search;
    search.wanted = wanted;
    search.tolerance = 1000;
    search.last_tolerance = 3000;
    search.probe = [](int qp) { return int64_t{qp} * qp * 100 - 20000; };
    const auto truth = [](int64_t position) { return position * position / 600 + 3 * position; };
    search.code = [&](int64_t position) {
      ++codings;
      EXPECT_GE(position, 0);
      EXPECT_LE(position, kLastPosition);
      return truth(position);
    };
    int64_t kept = -1;
    const TargetSearch::Result best = search.run([&] { kept = codings; });
    EXPECT_GT(kept, 0);
    EXPECT_LE(codings, TargetSearch::kMaxCodings);
    EXPECT_EQ(best.quantity, truth(best.position));
    const int64_t nearest = std::clamp(wanted, truth(0), truth(kLastPosition));
    EXPECT_NEAR(static_cast<double>(best.quantity), static_cast<double>(nearest), 4000)
        << "wanted " << wanted;
  }
}

TEST(VvcRateControl, MosaicsAreOfThePicture) {
  const std::vector<uint16_t> small = synthetic_content("noise", 70, 80, 10);
  EXPECT_EQ(make_mosaic({small.data(), 70, 80, 70}).samples, small);
  const std::vector<uint16_t> wide = synthetic_content("noise", 1600, 300, 10);
  const Mosaic mosaic = make_mosaic({wide.data(), 1600, 300, 1600});
  EXPECT_EQ(mosaic.samples.size(), static_cast<size_t>(mosaic.width * mosaic.height));
  EXPECT_LT(mosaic.samples.size(), wide.size() / 3);
  EXPECT_EQ(mosaic.width % 64, 0);
  EXPECT_EQ(mosaic.height % 64, 0);
}

}  // namespace
}  // namespace feat::vvc
