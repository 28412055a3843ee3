// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The SIMD kernels of the loop filters against their scalar references.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/vvc/common/alf_kernels.h"
#include "tests/unit/vvc_targets.h"

namespace feat::vvc {
namespace {

constexpr int kContents = 3;
constexpr ptrdiff_t kStride = 128 + 6;

// Ten rows of 128 samples with three more around: smooth, random, or of the two ends.
std::vector<uint16_t> samples(std::mt19937 &rng, int content) {
  std::vector<uint16_t> plane(kStride * 16);
  for (size_t i = 0; i < plane.size(); i++) {
    plane[i] = content == 0   ? static_cast<uint16_t>(300 + 2 * (i % kStride) + (rng() & 3))
               : content == 1 ? rng() & 1023
                              : ((rng() & 1) != 0 ? 1023 : 0);
  }
  return plane;
}

TEST(AlfKernels, ClassesEqualTheReference) {
  on_every_target([] {
    std::mt19937 rng(1);
    for (int content = 0; content < kContents; content++) {
      const std::vector<uint16_t> plane = samples(rng, content);
      for (const int blocks : {1, 2, 3, 8, 31, 32}) {
        AlfGradients want[4];
        AlfGradients got[4];
        const AlfGradients *want_rows[4];
        const AlfGradients *got_rows[4];
        for (int i = 0; i < 4; i++) {
          const AlfCells cells{plane.data() + (3 + 2 * i) * kStride + 3, kStride, i != 1, i != 2};
          scalar::alf_gradients(cells, blocks, want[i]);
          alf_gradients(cells, blocks, got[i]);
          for (int d = 0; d < AlfGradients::kDirections; d++) {
            for (int b = 0; b < blocks; b++) {
              ASSERT_EQ(got[i].sum[d][b], want[i].sum[d][b]) << d << " " << b;
            }
          }
          want_rows[i] = &want[i];
          got_rows[i] = &got[i];
        }
        for (const int count : {3, 4}) {
          uint8_t want_classes[kAlfMaxBlocks];
          uint8_t got_classes[kAlfMaxBlocks];
          const int weight = count == 3 ? 96 : 64;
          scalar::alf_classify(want_rows, count, weight, 10, blocks, want_classes);
          alf_classify(got_rows, count, weight, 10, blocks, got_classes);
          ASSERT_TRUE(std::equal(want_classes, want_classes + blocks, got_classes)) << blocks;
        }
      }
    }
  });
}

// Sums as large as they come, in every relation to each other.
TEST(AlfKernels, ClassesOfExtremeGradients) {
  on_every_target([] {
    std::mt19937 rng(2);
    for (int i = 0; i < 200; i++) {
      AlfGradients g[4] = {};
      const AlfGradients *rows[4] = {&g[0], &g[1], &g[2], &g[3]};
      for (auto &row : g) {
        for (auto &direction : row.sum) {
          const uint32_t mask = 0x3fff >> (rng() % 14);
          for (uint16_t &v : direction) v = rng() % 5 == 0 ? 16368 : rng() & mask;
        }
      }
      uint8_t want[kAlfMaxBlocks];
      uint8_t got[kAlfMaxBlocks];
      scalar::alf_classify(rows, 4, 64, 10, kAlfMaxBlocks, want);
      alf_classify(rows, 4, 64, 10, kAlfMaxBlocks, got);
      ASSERT_TRUE(std::equal(want, want + kAlfMaxBlocks, got));
    }
  });
}

TEST(AlfKernels, FilterEqualsTheReference) {
  on_every_target([] {
    std::mt19937 rng(3);
    for (int content = 0; content < kContents; content++) {
      const std::vector<uint16_t> plane = samples(rng, content);
      std::vector<AlfTaps> filters(kAlfMaxBlocks);
      std::vector<const AlfTaps *> taps;
      for (AlfTaps &f : filters) {
        for (int16_t &w : f.weight) w = static_cast<int8_t>(content == 1 ? 127 : rng());
        taps.push_back(&f);
      }
      for (const bool clip : {false, true}) {
        for (AlfTaps &f : filters) {
          constexpr int16_t kLimits[4] = {1024, 128, 32, 8};
          for (int16_t &limit : f.limit) limit = clip ? kLimits[rng() & 3] : 1024;
        }
        for (const int blocks : {1, 2, 3, 4, 7, 32}) {
          for (int reach = 0; reach < 4; reach++) {
            std::vector<uint16_t> want(plane.size(), 7);
            std::vector<uint16_t> got = want;
            const auto filter = [&](auto function, uint16_t *to) {
              function(AlfBlocks{plane.data() + 3 * kStride + 3,
                                 kStride,
                                 to,
                                 kStride,
                                 blocks,
                                 taps.data(),
                                 clip,
                                 {reach, 3, 0, 3 - reach},
                                 10});
            };
            filter(scalar::alf_filter_blocks, want.data());
            filter(alf_filter_blocks, got.data());
            ASSERT_EQ(got, want) << blocks << " " << reach;
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace feat::vvc
