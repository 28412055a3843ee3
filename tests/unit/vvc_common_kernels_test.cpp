// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The SIMD kernels that encoder and decoder share against their scalar references.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/vvc/common/intra_pred.h"
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

// References that are smooth, random, or one of the two ends.
IntraReference reference(int content, int line, int log2_w, int log2_h) {
  std::mt19937 rng(3);
  IntraReference ref{};
  const auto sample = [&](int i) -> uint16_t {
    if (content == 0) return static_cast<uint16_t>(400 + 3 * i + (rng() & 7));
    if (content == 1) return rng() & 1023;
    return (rng() & 1) != 0 ? 1023 : 0;
  };
  for (int i = 0; i <= 2 << log2_h; i++) ref.left[static_cast<size_t>(line + i)] = sample(i);
  for (int i = 0; i <= 2 << log2_w; i++) ref.above[static_cast<size_t>(line + i)] = sample(-i);
  for (int i = 0; i <= line; i++) {
    ref.left[static_cast<size_t>(i)] = sample(i);
    ref.above[static_cast<size_t>(i)] = i == 0 ? ref.left[0] : sample(i);
  }
  repeat_last(ref, line + (2 << log2_h), line + (2 << log2_w));
  return ref;
}

// All that is predicted in blocks of one shape, for every mode and line of references.
std::vector<uint16_t> predictions(int log2_w, int log2_h) {
  constexpr ptrdiff_t kStride = 65;
  std::vector<uint16_t> all;
  std::vector<uint16_t> block(kStride * 64);
  for (int content = 0; content < kContents; content++) {
    for (int line = 0; line < 3; line++) {
      const IntraReference ref = reference(content, line, log2_w, log2_h);
      for (int mode = line == 0 ? kPlanar : kDc; mode <= 66; mode++) {
        std::fill(block.begin(), block.end(), uint16_t{0xffff});
        predict_intra(ref, mode, log2_w, log2_h, 10, block.data(), kStride, line);
        all.insert(all.end(), block.begin(), block.begin() + (kStride << log2_h));
      }
    }
  }
  return all;
}

TEST(IntraPrediction, EqualsTheReference) {
  for (int log2_w = 2; log2_w <= 6; log2_w++) {
    for (int log2_h = 2; log2_h <= 6; log2_h++) {
      std::vector<uint16_t> want;
      on_no_target([&] { want = predictions(log2_w, log2_h); });
      on_every_target([&] {
        ASSERT_TRUE(predictions(log2_w, log2_h) == want) << (1 << log2_w) << "x" << (1 << log2_h);
      });
    }
  }
}

// The parts of blocks of 4x8 to 64x64, split in four or two along either side.
std::vector<uint16_t> partitions(int log2_cb_w, int log2_cb_h, int log2_w, int log2_h) {
  constexpr ptrdiff_t kStride = 65;
  std::vector<uint16_t> all;
  std::vector<uint16_t> block(kStride * 64);
  for (int content = 0; content < kContents; content++) {
    IntraReference ref = reference(content, 0, log2_cb_w, log2_cb_h);
    ref.left_length = (1 << log2_h) + (1 << log2_cb_h);
    ref.above_length = (1 << log2_w) + (1 << log2_cb_w);
    repeat_last(ref, ref.left_length, ref.above_length);
    for (int mode = kPlanar; mode <= 66; mode++) {
      std::fill(block.begin(), block.end(), uint16_t{0xffff});
      predict_isp(ref, mode, log2_cb_w, log2_cb_h, log2_w, log2_h, 10, block.data(), kStride);
      all.insert(all.end(), block.begin(), block.begin() + (kStride << log2_h));
    }
  }
  return all;
}

TEST(IntraPrediction, PartitionsEqualTheReference) {
  for (int log2_w = 2; log2_w <= 6; log2_w++) {
    for (int log2_h = 2; log2_h <= 6; log2_h++) {
      const int parts = log2_w + log2_h < 6 ? 1 : 2;
      const auto both = [&](int log2_part_w, int log2_part_h) {
        std::vector<uint16_t> want;
        on_no_target([&] { want = partitions(log2_w, log2_h, log2_part_w, log2_part_h); });
        on_every_target([&] {
          ASSERT_TRUE(partitions(log2_w, log2_h, log2_part_w, log2_part_h) == want)
              << (1 << log2_part_w) << "x" << (1 << log2_part_h);
        });
      };
      both(log2_w, log2_h - parts);
      both(std::max(2, log2_w - parts), log2_h);
    }
  }
}

}  // namespace
}  // namespace feat::vvc
