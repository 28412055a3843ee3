// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The SIMD kernels that encoder and decoder share against their scalar references.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/vvc/common/transform.h"
#include "tests/unit/vvc_targets.h"

namespace feat::vvc {
namespace {

constexpr int kContents = 3;

// A coefficient of 16 bits: small, any, or one of the two ends.
int32_t coefficient(std::mt19937 &rng, int content) {
  if (content == 0) return static_cast<int32_t>(rng() & 255) - 128;
  if (content == 1) return static_cast<int16_t>(rng());
  return (rng() & 1) != 0 ? 32767 : -32768;
}

void compare_inverse(std::mt19937 &rng, int log2_w, int log2_h, Kernel horizontal, Kernel vertical,
                     int limit, int content) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int columns = std::min({width, limit, horizontal == Kernel::kDct2 ? 32 : 16});
  const int rows = std::min({height, limit + 1, vertical == Kernel::kDct2 ? 32 : 16});
  std::vector<int32_t> coeff(static_cast<size_t>(width * height), 0);
  std::vector<int32_t> want(coeff.size());
  std::vector<int32_t> got(coeff.size());
  for (int y = 0; y < rows; y++) {
    for (int x = 0; x < columns; x++) {
      coeff[static_cast<size_t>(y * width + x)] = coefficient(rng, content);
    }
  }
  scalar::inverse_transform(coeff.data(), log2_w, log2_h, columns, rows, horizontal, vertical, 10,
                            want.data());
  inverse_transform(coeff.data(), log2_w, log2_h, columns, rows, horizontal, vertical, 10,
                    got.data());
  ASSERT_EQ(got, want) << width << "x" << height << " " << columns << "x" << rows << " "
                       << static_cast<int>(horizontal) << static_cast<int>(vertical);
}

TEST(InverseTransform, EqualsTheReference) {
  on_every_target([] {
    std::mt19937 rng(1);
    for (int log2_w = 0; log2_w <= 6; log2_w++) {
      for (int log2_h = log2_w == 0 ? 1 : 0; log2_h <= 6; log2_h++) {
        for (int kernels = 0; kernels < 9; kernels++) {
          const auto horizontal = static_cast<Kernel>(kernels % 3);
          const auto vertical = static_cast<Kernel>(kernels / 3);
          if (horizontal != Kernel::kDct2 && (log2_w < 2 || log2_w > 5)) continue;
          if (vertical != Kernel::kDct2 && (log2_h < 2 || log2_h > 5)) continue;
          for (const int limit : {1, 2, 3, 5, 9, 13, 16, 21, 32}) {
            for (int content = 0; content < kContents; content++) {
              compare_inverse(rng, log2_w, log2_h, horizontal, vertical, limit, content);
            }
          }
        }
      }
    }
  });
}

TEST(AddResidual, EqualsTheReference) {
  constexpr ptrdiff_t kStride = 67;
  on_every_target([] {
    std::mt19937 rng(2);
    std::vector<uint16_t> pred(kStride * 64);
    std::vector<int32_t> residual(64 * 64);
    for (int content = 0; content < kContents; content++) {
      for (const int bit_depth : {8, 10}) {
        for (uint16_t &v : pred) v = rng() & ((1U << bit_depth) - 1);
        for (int32_t &v : residual) v = 4 * coefficient(rng, content);
        for (const int width : {1, 2, 4, 8, 16, 32, 64}) {
          std::vector<uint16_t> want = pred;
          std::vector<uint16_t> got = pred;
          scalar::add_residual(pred.data(), kStride, residual.data(), width, 64, bit_depth,
                               want.data(), kStride);
          add_residual(got.data(), kStride, residual.data(), width, 64, bit_depth, got.data(),
                       kStride);
          ASSERT_EQ(got, want) << width << " " << content;
        }
      }
    }
  });
}

}  // namespace
}  // namespace feat::vvc
