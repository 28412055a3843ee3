// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "codecs/vvc/common/intra_pred.h"

namespace feat::vvc {
namespace {

// A 32x32 picture of distinct values; the block under test is 4x4 at (8, 8).
struct Scene {
  std::vector<uint16_t> px = std::vector<uint16_t>(32 * 32);
  Scene() {
    for (int i = 0; i < 32 * 32; i++) px[i] = static_cast<uint16_t>(i & 1023);
  }
  uint16_t at(int x, int y) const { return px[y * 32 + x]; }
  IntraReference collect(int left, int above, bool corner) const {
    IntraReference ref{};
    collect_reference(px.data(), 32, 8, 8, 4, 4, left, above, corner, 10, ref);
    return ref;
  }
};

TEST(Reference, AllAvailable) {
  const Scene s;
  const IntraReference r = s.collect(8, 8, true);
  EXPECT_EQ(r.left[0], s.at(7, 7));
  EXPECT_EQ(r.above[0], s.at(7, 7));
  for (int i = 0; i < 8; i++) {
    EXPECT_EQ(r.left[1 + i], s.at(7, 8 + i));
    EXPECT_EQ(r.above[1 + i], s.at(8 + i, 7));
  }
}

TEST(Reference, Substitution) {
  const Scene s;
  IntraReference r = s.collect(0, 0, false);
  for (int i = 0; i <= 8; i++) {
    EXPECT_EQ(r.left[i], 512);
    EXPECT_EQ(r.above[i], 512);
  }
  r = s.collect(4, 0, false);
  EXPECT_EQ(r.left[8], s.at(7, 11));
  EXPECT_EQ(r.left[5], s.at(7, 11));
  EXPECT_EQ(r.left[4], s.at(7, 11));
  EXPECT_EQ(r.left[1], s.at(7, 8));
  EXPECT_EQ(r.left[0], s.at(7, 8));
  EXPECT_EQ(r.above[8], s.at(7, 8));
  r = s.collect(0, 4, false);
  EXPECT_EQ(r.left[8], s.at(8, 7));
  EXPECT_EQ(r.above[0], s.at(8, 7));
  EXPECT_EQ(r.above[4], s.at(11, 7));
  EXPECT_EQ(r.above[8], s.at(11, 7));
}

TEST(Predict, FlatStaysFlatInEveryModeAndShape) {
  IntraReference ref;
  ref.left.fill(777);
  ref.above.fill(777);
  for (int lw = 2; lw <= 6; lw++) {
    for (int lh = 2; lh <= 6; lh++) {
      for (int mode = 0; mode <= 66; mode++) {
        std::vector<uint16_t> pred(64 * 64, 0);
        predict_intra(ref, mode, lw, lh, 10, pred.data(), 64);
        for (int y = 0; y < 64; y++) {
          for (int x = 0; x < 64; x++) {
            const bool inside = x < 1 << lw && y < 1 << lh;
            ASSERT_EQ(pred[y * 64 + x], inside ? 777 : 0) << mode << " " << lw << " " << lh;
          }
        }
      }
    }
  }
}

// Mirroring the references at the diagonal mirrors the prediction.
TEST(Predict, TransposeSymmetry) {
  IntraReference ref, turned;
  for (int i = 0; i <= 256; i++) {
    ref.left[i] = static_cast<uint16_t>(i == 0 ? 300 : (i * 37) & 1023);
    ref.above[i] = static_cast<uint16_t>(i == 0 ? 300 : (i * 101 + 7) & 1023);
  }
  turned.left = ref.above;
  turned.above = ref.left;
  for (int lw = 2; lw <= 6; lw++) {
    for (int lh = 2; lh <= 6; lh++) {
      for (int mode = 2; mode <= 66; mode++) {
        if (mode == 34) continue;
        std::vector<uint16_t> a(64 * 64), b(64 * 64);
        predict_intra(ref, mode, lw, lh, 10, a.data(), 64);
        predict_intra(turned, 68 - mode, lh, lw, 10, b.data(), 64);
        for (int y = 0; y < 1 << lh; y++) {
          for (int x = 0; x < 1 << lw; x++) ASSERT_EQ(a[y * 64 + x], b[x * 64 + y]) << mode;
        }
      }
    }
  }
}

// 4x4, worked by hand: the PDPC weights are 32 >> (2 i) at scale 0.
TEST(Predict, DcByHand) {
  IntraReference ref{};
  for (int i = 0; i <= 8; i++) {
    ref.left[i] = 100;
    ref.above[i] = 200;
  }
  uint16_t p[16];
  predict_intra(ref, kDc, 2, 2, 10, p, 4);
  const int weight[4] = {32, 8, 2, 0};
  for (int y = 0; y < 4; y++) {
    for (int x = 0; x < 4; x++) {
      EXPECT_EQ(p[y * 4 + x], 150 + ((weight[x] * -50 + weight[y] * 50 + 32) >> 6));
    }
  }
}

TEST(Predict, PureVerticalWithGradient) {
  IntraReference ref{};
  ref.above[0] = ref.left[0] = 50;
  for (int i = 1; i <= 8; i++) {
    ref.above[i] = static_cast<uint16_t>(10 * i);
    ref.left[i] = static_cast<uint16_t>(50 + 8 * i);
  }
  uint16_t p[16];
  predict_intra(ref, kVertical, 2, 2, 10, p, 4);
  EXPECT_EQ(p[0], 10 + 4);  // (32 * 8 + 32) >> 6
  EXPECT_EQ(p[1], 20 + 1);  // (8 * 8 + 32) >> 6
  EXPECT_EQ(p[2], 30 + 0);  // (2 * 8 + 32) >> 6
  EXPECT_EQ(p[12], 10 + 16);
  EXPECT_EQ(p[15], 40);
}

// Mode 34 copies the diagonal from the corner, without PDPC.
TEST(Predict, Diagonal) {
  IntraReference ref{};
  for (int i = 0; i <= 8; i++) {
    ref.left[i] = static_cast<uint16_t>(200 + i);
    ref.above[i] = static_cast<uint16_t>(200 - i);
  }
  uint16_t p[16];
  predict_intra(ref, kDiagonal, 2, 2, 10, p, 4);
  for (int y = 0; y < 4; y++) {
    for (int x = 0; x < 4; x++) EXPECT_EQ(p[y * 4 + x], 200 + y - x);
  }
}

TEST(Predict, WideAngles) {
  EXPECT_EQ(wide_angle_mode(2, 3, 2), 67);
  EXPECT_EQ(wide_angle_mode(7, 3, 2), 72);
  EXPECT_EQ(wide_angle_mode(8, 3, 2), 8);
  EXPECT_EQ(wide_angle_mode(15, 6, 2), 80);
  EXPECT_EQ(wide_angle_mode(66, 2, 3), -1);
  EXPECT_EQ(wide_angle_mode(61, 2, 3), -6);
  EXPECT_EQ(wide_angle_mode(60, 2, 3), 60);
  EXPECT_EQ(wide_angle_mode(53, 2, 6), -14);
  EXPECT_EQ(wide_angle_mode(66, 4, 4), 66);
  EXPECT_EQ(wide_angle_mode(kDc, 6, 2), kDc);
}

TEST(Mpm, Lists) {
  using L = std::array<uint8_t, 6>;
  EXPECT_EQ(most_probable_modes(0, 0), (L{0, 1, 50, 18, 46, 54}));
  EXPECT_EQ(most_probable_modes(1, 0), (L{0, 1, 50, 18, 46, 54}));
  EXPECT_EQ(most_probable_modes(30, 30), (L{0, 30, 29, 31, 28, 32}));
  EXPECT_EQ(most_probable_modes(2, 1), (L{0, 2, 65, 3, 64, 4}));
  EXPECT_EQ(most_probable_modes(0, 66), (L{0, 66, 65, 3, 64, 4}));
  EXPECT_EQ(most_probable_modes(20, 21), (L{0, 20, 21, 19, 22, 18}));
  EXPECT_EQ(most_probable_modes(22, 20), (L{0, 22, 20, 21, 19, 23}));
  EXPECT_EQ(most_probable_modes(2, 66), (L{0, 2, 66, 3, 65, 4}));
  EXPECT_EQ(most_probable_modes(2, 64), (L{0, 2, 64, 3, 63, 4}));
  EXPECT_EQ(most_probable_modes(40, 20), (L{0, 40, 20, 19, 21, 39}));
}

// Every list has six different modes.
TEST(Mpm, Distinct) {
  for (int left = 0; left <= 66; left++) {
    for (int above = 0; above <= 66; above++) {
      std::array<uint8_t, 6> m = most_probable_modes(left, above);
      std::sort(m.begin(), m.end());
      EXPECT_EQ(std::unique(m.begin(), m.end()), m.end()) << left << " " << above;
      EXPECT_LE(m[5], 66);
    }
  }
}

}  // namespace
}  // namespace feat::vvc
