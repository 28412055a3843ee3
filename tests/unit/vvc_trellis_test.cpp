// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The trellis of every instruction set against its scalar reference.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "codecs/vvc/encoder/trellis.h"
#include "tests/unit/vvc_targets.h"

namespace feat::vvc {
namespace {

constexpr int kBitDepth = 10;
constexpr int32_t kMaxCoefficient = 32767;
constexpr int32_t kUntouched = 1 << 30;

std::mt19937 &rng() {
  static std::mt19937 engine(1);
  return engine;
}

// Coefficients that fall off with the distance from the first one; `kind` from sparse and small
// to as large as they get.
std::vector<int32_t> make_block(int log2_w, int log2_h, int kind, int64_t step) {
  std::vector<int32_t> block(size_t{1} << (log2_w + log2_h));
  for (size_t i = 0; i < block.size(); ++i) {
    const auto x = static_cast<int>(i & ((size_t{1} << log2_w) - 1));
    const auto y = static_cast<int>(i >> log2_w);
    const auto noise = static_cast<int32_t>(rng()() & 0xffff) - 0x8000;
    int64_t value = 0;
    if (kind == 0) {
      value = (rng()() & 15) == 0 ? noise * step >> 13 : noise * step >> 17;
    } else if (kind < 4) {
      value = (noise * step * (8 << (2 * kind))) / ((x + y + 2) << 16);
    } else if (kind == 4) {
      value = noise;
    } else if (kind == 5) {
      value = noise * step * 15 >> 19;  // in some sub-blocks no level of 2 is on offer
    } else {
      value = (rng()() & 1) != 0 ? kMaxCoefficient : -kMaxCoefficient - 1;
    }
    block[i] =
        static_cast<int32_t>(std::clamp<int64_t>(value, -kMaxCoefficient - 1, kMaxCoefficient));
  }
  return block;
}

class Trellis : public testing::TestWithParam<PathStart> {};

TEST_P(Trellis, EqualsTheReference) {
  const auto trellis = std::make_unique<DepQuantizer>(GetParam());
  const auto reference = std::make_unique<scalar::DepQuantizer>(GetParam());
  int coded = 0;
  on_every_target([&] {
    for (const int qp : {0, 17, 22, 27, 37, 63}) {
      const Lambda lambda(qp, kBitDepth);
      ContextSet contexts;
      contexts.init(qp);
      for (int log2_w = 0; log2_w <= 6; ++log2_w) {
        for (int log2_h = std::max(0, 4 - log2_w); log2_h <= 6; ++log2_h) {
          const QuantStep step =
              QuantStep::dependent(qp + 6 * (kBitDepth - 8), kBitDepth, log2_w, log2_h, lambda);
          TrellisRates rates;
          rates.set(contexts, log2_w, log2_h);
          for (int kind = 0; kind < 7; ++kind) {
            SCOPED_TRACE(testing::Message() << "QP " << qp << ", " << (1 << log2_w) << "x"
                                            << (1 << log2_h) << ", " << kind);
            const auto block = make_block(log2_w, log2_h, kind, step.reconstruct(2));
            std::vector<int32_t> expected(block.size(), kUntouched);
            std::vector<int32_t> levels(block.size(), kUntouched);
            int64_t expected_cost = 0;
            int64_t cost = 0;
            constexpr int64_t kAnyCost = int64_t{1} << 60;
            const bool some = reference->quantize(block.data(), log2_w, log2_h, step, rates,
                                                  kAnyCost, expected.data(), expected_cost);
            for (const int64_t limit : {expected_cost, kAnyCost}) {
              ASSERT_EQ(trellis->quantize(block.data(), log2_w, log2_h, step, rates, limit,
                                          levels.data(), cost),
                        some);
              ASSERT_EQ(cost, expected_cost);
              if (limit != kAnyCost) {
                ASSERT_EQ(levels[0], kUntouched);
              }
            }
            ASSERT_EQ(levels, expected);
            coded += some ? 1 : 0;
          }
        }
      }
    }
  });
  EXPECT_GT(coded, 1000);
}

INSTANTIATE_TEST_SUITE_P(Starts, Trellis,
                         testing::Values(PathStart::kAnywhere, PathStart::kPaying));

}  // namespace
}  // namespace feat::vvc
