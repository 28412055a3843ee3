// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/common/transform.h"

namespace feat::vvc {
namespace {

TEST(Dct2, RowsAreCosinesAndNearlyOrthogonal) {
  for (int k = 0; k < 64; k++) {
    for (int x = 0; x < 64; x++) {
      const double exact = (k == 0 ? 64.0 : 64.0 * std::sqrt(2.0)) *
                           std::cos((2 * x + 1) * k * std::acos(-1.0) / 128);
      EXPECT_NEAR(kDct2[k][x], exact, 2.0) << k << " " << x;
    }
  }
  for (int j = 0; j < 64; j++) {
    for (int k = 0; k < 64; k++) {
      int dot = 0;
      for (int x = 0; x < 64; x++) dot += kDct2[j][x] * kDct2[k][x];
      EXPECT_NEAR(dot, j == k ? 64 * 64 * 64 : 0, 1200) << j << " " << k;
    }
  }
}

// Values of the 4-point and 8-point matrices, which the standard shares with older codecs.
TEST(Dct2, KnownValues) {
  EXPECT_EQ(kDct2[16][0], 83);
  EXPECT_EQ(kDct2[16][1], 36);
  EXPECT_EQ(kDct2[32][1], -64);
  EXPECT_EQ(kDct2[48][1], -83);
  EXPECT_EQ(kDct2[8][0], 89);
  EXPECT_EQ(kDct2[8][3], 18);
  EXPECT_EQ(kDct2[1][0], 91);
  EXPECT_EQ(kDct2[63][0], 2);
}

void naive_inverse(const std::vector<int32_t> &coeff, int log2_w, int log2_h, int bit_depth,
                   std::vector<int32_t> &out) {
  const int w = 1 << log2_w;
  const int h = 1 << log2_h;
  std::vector<int> mid(coeff.size());
  for (int x = 0; x < w; x++) {
    for (int y = 0; y < h; y++) {
      int sum = 64;
      for (int k = 0; k < h; k++) sum += kDct2[k * 64 / h][y] * coeff[k * w + x];
      mid[y * w + x] = std::clamp(sum >> 7, -32768, 32767);
    }
  }
  const int shift = 20 - bit_depth;
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) {
      int sum = 1 << (shift - 1);
      for (int k = 0; k < w; k++) sum += kDct2[k * 64 / w][x] * mid[y * w + k];
      out[y * w + x] = sum >> shift;
    }
  }
}

TEST(Dct2, InverseEqualsTheMatrixProductOnEveryShape) {
  std::mt19937 rng(1);
  for (int lw = 2; lw <= 6; lw++) {
    for (int lh = 2; lh <= 6; lh++) {
      for (const int limit : {1, 2, 7, 32}) {
        for (const int bit_depth : {8, 10}) {
          const int w = 1 << lw;
          const int h = 1 << lh;
          const int nw = std::min(w, limit);
          const int nh = std::min(h, limit);
          std::vector<int32_t> coeff(w * h, 0), got(w * h), want(w * h);
          for (int y = 0; y < nh; y++) {
            for (int x = 0; x < nw; x++) coeff[y * w + x] = static_cast<int16_t>(rng());
          }
          naive_inverse(coeff, lw, lh, bit_depth, want);
          inverse_transform(coeff.data(), lw, lh, nw, nh, Kernel::kDct2, Kernel::kDct2, bit_depth,
                            got.data());
          ASSERT_EQ(got, want) << w << "x" << h << " " << limit;
        }
      }
    }
  }
}

// Known values, and the definition: DCT-VIII is the mirrored DST-VII with alternating signs.
TEST(Dst7, MatrixAndMirror) {
  const int8_t want4[16] = {29, 55, 74, 84, 74, 74, 0, -74, 84, -29, -74, 55, 55, -84, 74, -29};
  for (int i = 0; i < 16; i++) EXPECT_EQ(dst7_matrix(2)[i], want4[i]);
  std::mt19937 rng(2);
  for (int lw = 2; lw <= 5; lw++) {
    for (int lh = 2; lh <= 5; lh++) {
      for (int kind = 0; kind < 9; kind++) {
        const auto horizontal = static_cast<Kernel>(kind % 3);
        const auto vertical = static_cast<Kernel>(kind / 3);
        const int w = 1 << lw;
        const int h = 1 << lh;
        const auto basis = [](Kernel kernel, int log2_n, int k, int x) -> int {
          const int n = 1 << log2_n;
          if (kernel == Kernel::kDct2) return kDct2[k * 64 / n][x];
          if (kernel == Kernel::kDst7) return dst7_matrix(log2_n)[k * n + x];
          return (k % 2 != 0 ? -1 : 1) * dst7_matrix(log2_n)[k * n + n - 1 - x];
        };
        const int nw = std::min(w, 16);
        const int nh = std::min(h, 16);
        std::vector<int32_t> coeff(w * h, 0), mid(w * h), got(w * h);
        for (int y = 0; y < nh; y++) {
          for (int x = 0; x < nw; x++) coeff[y * w + x] = static_cast<int16_t>(rng());
        }
        coeff[w + 1] = -32768;
        for (int x = 0; x < w; x++) {
          for (int y = 0; y < h; y++) {
            int sum = 64;
            for (int k = 0; k < h; k++) sum += basis(vertical, lh, k, y) * coeff[k * w + x];
            mid[y * w + x] = std::clamp(sum >> 7, -32768, 32767);
          }
        }
        inverse_transform(coeff.data(), lw, lh, nw, nh, horizontal, vertical, 10, got.data());
        for (int y = 0; y < h; y++) {
          for (int x = 0; x < w; x++) {
            int sum = 512;
            for (int k = 0; k < w; k++) sum += basis(horizontal, lw, k, x) * mid[y * w + k];
            ASSERT_EQ(got[y * w + x], sum >> 10) << w << "x" << h << " " << kind;
          }
        }
      }
    }
  }
}

TEST(Scaling, ByHand) {
  // 4x4, 10 bit, QP 32 + 12: scale 51 * 2^7 * 16, shift 10 + 0 + 2 - 5 = 7.
  std::vector<int32_t> c(16, 0);
  c[0] = 3;
  c[5] = -1;
  scale_coefficients(c.data(), 2, 2, {44, 10, false, false});
  EXPECT_EQ(c[0], 3 * 51 * 128 * 16 / 128);
  EXPECT_EQ(c[5], -51 * 16);
  // 8x4: odd area, second row, one more bit of shift.
  std::vector<int32_t> r(32, 0);
  r[0] = 1;
  scale_coefficients(r.data(), 3, 2, {44, 10, false, false});
  EXPECT_EQ(r[0], 72 * 128 * 16 / 256);
  // Clipping to 16 bits.
  c.assign(16, 0);
  c[0] = 32767;
  c[1] = -32768;
  scale_coefficients(c.data(), 2, 2, {75, 10, false, false});
  EXPECT_EQ(c[0], 32767);
  EXPECT_EQ(c[1], -32768);
}

TEST(Scaling, TransformSkipIsIdentityAtQpFour) {
  std::vector<int32_t> c(32);
  for (int i = 0; i < 32; i++) c[i] = i - 16;
  const std::vector<int32_t> levels = c;
  scale_coefficients(c.data(), 3, 2, {0, 10, true, true});
  EXPECT_EQ(c, levels);
  c = levels;
  scale_coefficients(c.data(), 3, 2, {10, 10, false, true});
  for (int i = 0; i < 32; i++) EXPECT_EQ(c[i], 2 * levels[i]);
}

TEST(Scaling, DependentQuantisationFollowsTheStates) {
  // Scan from the end: level 1 at scan position 4, then 2, then 1. States 0, 2, 1, 2.
  const ScanPos *scan = diagonal_scan(2, 2);
  std::vector<int32_t> c(16, 0);
  const auto at = [&](int i) -> int32_t & { return c[scan[i].y * 4 + scan[i].x]; };
  at(4) = 1;   // state 0: 2 -> then state 2
  at(3) = -2;  // state 2: -(4 - 1) -> then state 1
  at(2) = 1;   // state 1: 2 -> then state 0
  at(1) = 0;
  at(0) = 5;                                                 // state 0: 10
  scale_coefficients(c.data(), 2, 2, {5, 10, true, false});  // QP 6: scale 40 * 2 * 16, shift 8
  EXPECT_EQ(at(4), 2 * 5);
  EXPECT_EQ(at(3), -3 * 5);
  EXPECT_EQ(at(2), 2 * 5);
  EXPECT_EQ(at(1), 0);
  EXPECT_EQ(at(0), 10 * 5);
}

TEST(AddResidual, Clips) {
  const uint16_t pred[4] = {0, 1023, 500, 3};
  const int32_t residual[4] = {-5, 9, 20, -3};
  uint16_t recon[4];
  add_residual(pred, 2, residual, 2, 2, 10, recon, 2);
  EXPECT_EQ(recon[0], 0);
  EXPECT_EQ(recon[1], 1023);
  EXPECT_EQ(recon[2], 520);
  EXPECT_EQ(recon[3], 0);
}

}  // namespace
}  // namespace feat::vvc
