// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the encoder does with coefficients and levels, fast, against readable references.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/level_cost.h"
#include "codecs/vvc/encoder/narrow_transform.h"
#include "codecs/vvc/encoder/quant_step.h"
#include "tests/unit/vvc_targets.h"

namespace feat::vvc {
namespace {

constexpr int32_t kUntouched = 1 << 30;

std::mt19937 &rng() {
  static std::mt19937 engine(1);
  return engine;
}

// Coefficients from sparse and small to the ends of the range.
std::vector<int32_t> coefficients(int kind, int log2_w, int log2_h) {
  constexpr int32_t kLargest = 32767;
  std::vector<int32_t> c(size_t{1} << (log2_w + log2_h));
  for (int32_t &v : c) {
    const int bits = kind == 0 ? 4 : static_cast<int>(rng()() % (kind == 1 ? 9 : 16));
    v = static_cast<int32_t>(rng()() % (2U << bits)) - (1 << bits);
    if (kind == 0 && rng()() % 8 != 0) v = 0;
    if (kind == 3) v = rng()() % 2 != 0 ? kLargest : -kLargest - 1;
  }
  return c;
}
constexpr int kKinds = 4;

// Calls check(coefficients, log2_w, log2_h, step) for every shape, kind of content and some QPs.
template <typename Check>
void on_coefficients(const Check &check) {
  for (int kind = 0; kind < kKinds; ++kind) {
    for (const int qp : {0, 22, 37, 63}) {
      for (const int bit_depth : {8, 10}) {
        const Lambda lambda(qp, bit_depth);
        for (int log2_w = 0; log2_w <= 6; ++log2_w) {
          for (int log2_h = std::max(0, 4 - log2_w); log2_h <= 6; ++log2_h) {
            SCOPED_TRACE(testing::Message() << (1 << log2_w) << "x" << (1 << log2_h) << ", QP "
                                            << qp << ", kind " << kind);
            check(
                coefficients(kind, log2_w, log2_h), log2_w, log2_h,
                QuantStep::dependent(qp + 6 * (bit_depth - 8), bit_depth, log2_w, log2_h, lambda));
          }
        }
      }
    }
  }
}

TEST(LevelCost, GuessIsThatOfTheReference) {
  on_every_target([] {
    on_coefficients(
        [](const std::vector<int32_t> &c, int log2_w, int log2_h, const QuantStep &step) {
          ASSERT_EQ(guess_level_cost(c.data(), log2_w, log2_h, step),
                    scalar::guess_level_cost(c.data(), log2_w, log2_h, step));
        });
  });
}

TEST(LevelCost, RequantisedCoefficientsAreThoseOfTheReference) {
  on_every_target([] {
    on_coefficients(
        [](const std::vector<int32_t> &c, int log2_w, int log2_h, const QuantStep &step) {
          std::vector<int32_t> expected = c;
          std::vector<int32_t> got = c;
          const CoefficientArea wanted = scalar::requantize(expected.data(), log2_w, log2_h, step);
          const CoefficientArea area = requantize(got.data(), log2_w, log2_h, step);
          ASSERT_EQ(area.columns, wanted.columns);
          ASSERT_EQ(area.rows, wanted.rows);
          ASSERT_EQ(got, expected);
        });
  });
}

TEST(NarrowBlocks, DifferencesAreThoseOfTheReference) {
  constexpr ptrdiff_t kStride = 71;
  std::vector<uint16_t> a(kStride * 64);
  std::vector<uint16_t> b(kStride * 64);
  on_every_target([&] {
    for (int log2_w = 0; log2_w <= 6; ++log2_w) {
      for (int log2_h = std::max(0, 4 - log2_w); log2_h <= 6; ++log2_h) {
        if (log2_w > 1 && log2_h > 1) continue;
        SCOPED_TRACE(testing::Message() << (1 << log2_w) << "x" << (1 << log2_h));
        for (uint16_t &v : a) v = rng()() & 1023;
        for (uint16_t &v : b) v = rng()() % 2 != 0 ? 1023 : 0;
        const size_t area = size_t{1} << (log2_w + log2_h);
        std::vector<int16_t> expected(area + 1);
        std::vector<int16_t> got(area + 1);
        scalar::subtract(a.data(), kStride, b.data(), kStride, log2_w, log2_h, expected.data());
        subtract(a.data(), kStride, b.data(), kStride, log2_w, log2_h, got.data());
        ASSERT_EQ(got, expected);
        ASSERT_EQ(sum_of_squares(got.data(), log2_w, log2_h),
                  scalar::sum_of_squares(got.data(), log2_w, log2_h));
      }
    }
  });
}

TEST(NarrowTransform, IsThatOfTheReference) {
  on_every_target([] {
    for (const int bit_depth : {8, 10}) {
      const int largest = (1 << bit_depth) - 1;
      for (int round = 0; round < 10; ++round) {
        for (int log2_w = 0; log2_w <= 6; ++log2_w) {
          for (int log2_h = std::max(0, 4 - log2_w); log2_h <= 6; ++log2_h) {
            if (log2_w > 1 && log2_h > 1) continue;
            const size_t area = size_t{1} << (log2_w + log2_h);
            std::vector<int16_t> residual(area);
            for (int16_t &r : residual) {
              r = static_cast<int16_t>(round == 0 ? largest
                                       : round == 1
                                           ? (rng()() % 2 != 0 ? largest : -largest)
                                           : static_cast<int>(rng()() % (2 * largest)) - largest);
            }
            for (const Kernel kernel : {Kernel::kDct2, Kernel::kDst7}) {
              if (kernel == Kernel::kDst7 && std::max(log2_w, log2_h) > 4) continue;
              std::vector<int32_t> expected(area, kUntouched);
              std::vector<int32_t> got(area, kUntouched);
              scalar::forward_narrow(residual.data(), log2_w, log2_h, kernel, bit_depth,
                                     expected.data());
              forward_narrow(residual.data(), log2_w, log2_h, kernel, bit_depth, got.data());
              ASSERT_EQ(got, expected) << (1 << log2_w) << "x" << (1 << log2_h);
            }
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace feat::vvc
