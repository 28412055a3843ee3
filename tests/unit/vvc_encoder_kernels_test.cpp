// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The encoder's SIMD kernels against their scalar references.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "codecs/vvc/common/lfnst.h"
#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/forward_lfnst.h"
#include "codecs/vvc/encoder/forward_transform.h"
#include "codecs/vvc/encoder/satd.h"
#include "tests/unit/vvc_targets.h"

namespace feat::vvc {
namespace {

constexpr int kMaxSample = 1023;
constexpr ptrdiff_t kStride = 71;

std::mt19937 &rng() {
  static std::mt19937 engine(1);
  return engine;
}

// Samples of two blocks, in the order of how far they lie apart: alike, random, at both ends.
struct Blocks {
  std::vector<uint16_t> a = std::vector<uint16_t>(kStride * 64);
  std::vector<uint16_t> b = std::vector<uint16_t>(kStride * 64);

  explicit Blocks(int kind) {
    for (size_t i = 0; i < a.size(); ++i) {
      a[i] = rng()() & kMaxSample;
      b[i] = kind == 0 ? a[i] ^ (rng()() & 3) : rng()() & kMaxSample;
      if (kind < 2) continue;
      const bool high = kind == 2 || (kind == 3 ? rng()() & 1 : (i ^ i / kStride) & 1) != 0;
      a[i] = high ? kMaxSample : 0;
      b[i] = high ? 0 : kMaxSample;
    }
  }
};
constexpr int kKinds = 5;
constexpr int32_t kUntouched = 1 << 30;

// Calls check(blocks, log2_w, log2_h) for every shape of block and kind of content.
template <typename Check>
void on_blocks(const Check &check) {
  for (int kind = 0; kind < kKinds; ++kind) {
    const Blocks blocks(kind);
    for (int log2_w = 2; log2_w <= 6; ++log2_w) {
      for (int log2_h = 2; log2_h <= 6; ++log2_h) {
        SCOPED_TRACE(testing::Message() << (1 << log2_w) << "x" << (1 << log2_h) << ", " << kind);
        check(blocks, log2_w, log2_h);
      }
    }
  }
}

std::vector<int16_t> difference(const Blocks &blocks, int log2_w, int log2_h) {
  std::vector<int16_t> residual(size_t{1} << (log2_w + log2_h));
  scalar::subtract(blocks.a.data(), kStride, blocks.b.data(), kStride, log2_w, log2_h,
                   residual.data());
  return residual;
}

TEST(Satd, ByHand) {
  on_every_target([] {
    std::vector<int16_t> residual(64, 0);
    residual[0] = 64;  // all of the 64 coefficients are 64
    EXPECT_EQ(satd(residual.data(), 3, 3), 64 * 64 / 4);
    EXPECT_EQ(satd(residual.data(), 2, 2), 16 * 64 / 2);
    EXPECT_EQ(satd(residual.data(), 4, 2), 16 * 64 / 2);
    std::fill(residual.begin(), residual.end(), int16_t{-1023});  // one of 64 times as much
    EXPECT_EQ(satd(residual.data(), 3, 3), 64 * 1023 / 4);
    EXPECT_EQ(satd(residual.data(), 2, 4), 4 * (16 * 1023 / 2));
  });
}

TEST(Satd, EqualsTheReference) {
  on_every_target([] {
    on_blocks([](const Blocks &blocks, int log2_w, int log2_h) {
      const std::vector<int16_t> residual = difference(blocks, log2_w, log2_h);
      const int64_t want = scalar::satd(residual.data(), log2_w, log2_h);
      ASSERT_EQ(satd(residual.data(), log2_w, log2_h), want);
      ASSERT_EQ(satd(blocks.a.data(), kStride, blocks.b.data(), kStride, log2_w, log2_h), want);
      ASSERT_EQ(scalar::satd(blocks.a.data(), kStride, blocks.b.data(), kStride, log2_w, log2_h),
                want);
    });
  });
}

TEST(BlockMath, EqualsTheReference) {
  on_every_target([] {
    on_blocks([](const Blocks &blocks, int log2_w, int log2_h) {
      const std::vector<int16_t> want = difference(blocks, log2_w, log2_h);
      std::vector<int16_t> got(want.size());
      subtract(blocks.a.data(), kStride, blocks.b.data(), kStride, log2_w, log2_h, got.data());
      ASSERT_EQ(got, want);
      int64_t squares = 0;
      for (const int16_t v : want) squares += v * v;
      ASSERT_EQ(sum_of_squares(want.data(), log2_w, log2_h), squares);
      ASSERT_EQ(scalar::sum_of_squares(want.data(), log2_w, log2_h), squares);
      ASSERT_EQ(
          sum_of_squared_errors(blocks.a.data(), kStride, blocks.b.data(), kStride, log2_w, log2_h),
          squares);
      ASSERT_EQ(scalar::sum_of_squared_errors(blocks.a.data(), kStride, blocks.b.data(), kStride,
                                              log2_w, log2_h),
                squares);
    });
  });
}

TEST(BlockMath, StepsEqualTheReference) {
  on_every_target([] {
    on_blocks([](const Blocks &blocks, int log2_w, int log2_h) {
      const Steps want = scalar::sum_of_steps(blocks.a.data(), kStride, log2_w, log2_h);
      const Steps got = sum_of_steps(blocks.a.data(), kStride, log2_w, log2_h);
      ASSERT_EQ(got.along, want.along);
      ASSERT_EQ(got.down, want.down);
    });
  });
  const uint16_t block[4 * 4] = {1, 2, 4, 900, 1, 2, 4, 900, 1, 7, 4, 900, 800, 700, 600, 900};
  const Steps steps = sum_of_steps(block, 4, 2, 2);
  EXPECT_EQ(steps.along, 2 * (1 + 2 + 896) + 6 + 3 + 896);
  EXPECT_EQ(steps.down, 0 + 5 + 799 + 693 + 596);
}

TEST(ForwardTransform, EqualsTheReference) {
  on_every_target([] {
    on_blocks([](const Blocks &blocks, int log2_w, int log2_h) {
      const std::vector<int16_t> residual = difference(blocks, log2_w, log2_h);
      for (int kernels = 0; kernels < 9; ++kernels) {
        const auto horizontal = static_cast<Kernel>(kernels % 3);
        const auto vertical = static_cast<Kernel>(kernels / 3);
        if (horizontal != Kernel::kDct2 && log2_w > 5) continue;
        if (vertical != Kernel::kDct2 && log2_h > 5) continue;
        std::vector<int32_t> want(residual.size(), kUntouched);
        std::vector<int32_t> got = want;
        scalar::forward_transform(residual.data(), log2_w, log2_h, horizontal, vertical, 10,
                                  want.data());
        forward_transform(residual.data(), log2_w, log2_h, horizontal, vertical, 10, got.data());
        ASSERT_EQ(got, want) << kernels;
      }
    });
  });
}

// The matrices are orthogonal but for their rounding to integers.
TEST(ForwardTransform, IsUndoneByTheInverse) {
  for (int kernels = 0; kernels < 9; ++kernels) {
    const auto horizontal = static_cast<Kernel>(kernels % 3);
    const auto vertical = static_cast<Kernel>(kernels / 3);
    for (int log2_w = 2; log2_w <= 4; ++log2_w) {
      for (int log2_h = 2; log2_h <= 4; ++log2_h) {
        const std::vector<int16_t> residual = difference(Blocks(1), log2_w, log2_h);
        std::vector<int32_t> coeff(residual.size());
        std::vector<int32_t> back(residual.size());
        forward_transform(residual.data(), log2_w, log2_h, horizontal, vertical, 10, coeff.data());
        inverse_transform(coeff.data(), log2_w, log2_h, 1 << log2_w, 1 << log2_h, horizontal,
                          vertical, 10, back.data());
        for (size_t i = 0; i < back.size(); ++i) {
          ASSERT_NEAR(back[i], residual[i], 16) << kernels << " " << log2_w << " " << log2_h;
        }
      }
    }
  }
}

// Its rows are nearly orthogonal: what the inverse makes of coefficients of up to 1024 comes back
// within a few hundredths of that.
TEST(ForwardLfnst, UndoesTheInverse) {
  for (int log2_w = 2; log2_w <= 4; ++log2_w) {
    for (int log2_h = 2; log2_h <= 4; ++log2_h) {
      for (int mode = -14; mode <= 80; ++mode) {
        const int side = 1 << log2_w;
        std::vector<int32_t> coeff(size_t{1} << (log2_w + log2_h), 0);
        // In the places of the first eight coefficients in scan order.
        for (const int at : {0, side, 1, 2 * side, side + 1, 2, 3 * side, 2 * side + 1}) {
          coeff[static_cast<size_t>(at)] = static_cast<int>(rng()() & 2047) - 1024;
        }
        const std::vector<int32_t> sent = coeff;
        inverse_lfnst(coeff.data(), log2_w, log2_h, mode, 2);
        forward_lfnst(coeff.data(), log2_w, log2_h, mode, 2);
        for (size_t i = 0; i < sent.size(); ++i) {
          ASSERT_NEAR(coeff[i], sent[i], 48) << log2_w << " " << log2_h << " " << mode;
        }
      }
    }
  }
}

}  // namespace
}  // namespace feat::vvc
