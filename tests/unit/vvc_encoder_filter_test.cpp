// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The encoder's search for an adaptive loop filter: sums, choice, application, and when it is used.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "codecs/vvc/encoder/alf_choice.h"
#include "codecs/vvc/encoder/alf_sums.h"
#include "codecs/vvc/encoder/picture_filter.h"
#include "codecs/vvc/vvc.h"
#include "tests/unit/vvc_content.h"
#include "tests/unit/vvc_targets.h"

namespace feat::vvc {
namespace {

constexpr int kBoth = 2;  // bit depths

// Samples of any value, or of the two ends.
std::vector<uint16_t> random_samples(size_t count, int depth, bool ends, uint32_t seed) {
  std::mt19937 rng(seed);
  std::vector<uint16_t> samples(count);
  const uint32_t most = (1U << static_cast<unsigned>(depth)) - 1;
  for (uint16_t &v : samples) {
    v = static_cast<uint16_t>(ends ? (rng() & 1) * most : rng() & most);
  }
  return samples;
}

TEST(AlfSums, KernelsEqualTheReference) {
  on_every_target([] {
    constexpr ptrdiff_t kStride = 160;
    const auto want = std::make_unique<AlfTermRows>();
    const auto got = std::make_unique<AlfTermRows>();
    for (int i = 0; i < 2 * kBoth; ++i) {
      const int depth = i % kBoth == 0 ? 8 : 10;
      const std::vector<uint16_t> samples = random_samples(kStride * 7, depth, i >= kBoth, 1);
      const std::vector<uint16_t> source = random_samples(AlfTermRows::kSamples, 10, true, 2);
      for (const int reach : {1, 2, 3}) {
        for (const int width : {4, 12, 16, 20, 128}) {
          size_t count = 0;
          for (int line = 0; line < 4; ++line) {
            const AlfLine from{samples.data() + 3 * kStride + 4 + line, kStride, width, reach,
                               depth};
            scalar::alf_terms(from, count, *want);
            alf_terms(from, count, *got);
            count += static_cast<size_t>(width);
          }
          for (size_t n = 0; n < count; ++n) {
            want->errors[n] = got->errors[n] = static_cast<int16_t>(source[n] - 512);
            for (size_t term = 0; term < kAlfTerms; ++term) {
              ASSERT_EQ(got->terms[term][n], want->terms[term][n]) << term << " " << n;
            }
          }
          AlfSums want_sums;
          AlfSums got_sums;
          scalar::alf_add_products(*want, count, want_sums);
          alf_add_products(*got, count, got_sums);
          ASSERT_EQ(got_sums.products, want_sums.products) << width << " " << reach;
          ASSERT_EQ(got_sums.errors, want_sums.errors) << width << " " << reach;
        }
      }
    }
  });
}

TEST(AlfChoice, TakesTheTapThatMeetsTheError) {
  AlfSums sums;
  // A term of tap 7 at the second limit, of which the error is a quarter.
  const size_t term = kAlfTaps + 7;
  sums.products[term][term] = 1 << 20;
  sums.errors[term] = 1 << 18;
  const std::optional<AlfChoice> choice = choose_alf(sums, 1);
  ASSERT_TRUE(choice.has_value());
  for (size_t tap = 0; tap < kAlfTaps; ++tap) {
    EXPECT_EQ(choice->coeff[tap], tap == 7 ? 32 : 0) << tap;
  }
  EXPECT_EQ(choice->clip[7], 2);
  const AlfFilters filters = choice->for_all_classes();
  EXPECT_EQ(filters.coeff[0], choice->coeff);
  EXPECT_EQ(filters.clip[24], choice->clip);
}

TEST(AlfChoice, TakesNoneThatDoesNotPayForItsBits) {
  AlfSums sums;
  EXPECT_FALSE(choose_alf(sums, 1).has_value());
  sums.products[0][0] = 1 << 20;
  sums.errors[0] = 1 << 18;
  // A quarter of the term saves 2^16 of squared error, 2^30 in units of 2^-14.
  constexpr int64_t kSaved = int64_t{1} << 30;
  EXPECT_TRUE(choose_alf(sums, kSaved / 150).has_value());
  EXPECT_FALSE(choose_alf(sums, kSaved / 100).has_value());
}

TEST(AlfChoice, StaysWithinTheRangeOfCoefficients) {
  AlfSums sums;
  for (size_t i = 0; i < kAlfTerms; ++i) {
    sums.products[i][i] = 1;
    sums.errors[i] = i % 2 == 0 ? 1000 : -1000;
  }
  const std::optional<AlfChoice> choice = choose_alf(sums, 1);
  ASSERT_TRUE(choice.has_value());
  for (size_t tap = 0; tap < kAlfTaps; ++tap) EXPECT_EQ(std::abs(choice->coeff[tap]), 127);
}

// A slope, and what is left of it under noise.
void make_noisy(CodedFrame &frame, int width, int height) {
  frame.resize(width, height);
  std::mt19937 rng(3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<size_t>(y * width + x);
      frame.source[at] = static_cast<uint16_t>(300 + x + 2 * y);
      frame.recon[at] = static_cast<uint16_t>(frame.source[at] + rng() % 9 - 4);
    }
  }
}

TEST(PictureFilter, TakesNoiseAwayWithAnyNumberOfThreads) {
  constexpr int kWidth = 136;
  constexpr int kHeight = 72;
  std::vector<uint16_t> first;
  for (const int threads : {1, 2, 5}) {
    CodedFrame frame;
    make_noisy(frame, kWidth, kHeight);
    const int64_t before = frame.squared_error(0, 0, kWidth, kHeight);
    PictureFilter filter(frame, threads);
    const std::optional<AlfChoice> choice = filter.find(Lambda(22, 10));
    ASSERT_TRUE(choice.has_value());
    filter.apply(*choice);
    EXPECT_LT(frame.squared_error(0, 0, kWidth, kHeight), before / 2);
    if (first.empty()) first = frame.recon;
    EXPECT_EQ(frame.recon, first) << threads;
  }
}

TEST(PictureFilter, LeavesAnExactReconstructionAlone) {
  CodedFrame frame;
  make_noisy(frame, 64, 64);
  frame.recon = frame.source;
  EXPECT_FALSE(PictureFilter(frame, 1).find(Lambda(22, 10)).has_value());
}

bool has_filter(const std::vector<uint8_t> &unit) {
  constexpr std::array<uint8_t, 5> kAps = {0, 0, 1, 0, 17 << 3 | 1};
  return std::search(unit.begin(), unit.end(), kAps.begin(), kAps.end()) != unit.end();
}

TEST(VvcEncoder, SendsAFilterWhereItPays) {
  constexpr int kSide = 256;
  std::vector<uint16_t> waves(size_t{kSide} * kSide);
  Lcg random(1);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double wave = 200 * std::sin(x / 9.0) * std::cos(y / 7.0);
      waves[static_cast<size_t>(y * kSide + x)] =
          static_cast<uint16_t>(452 + static_cast<int>(wave) + random.below(120));
    }
  }
  const std::vector<uint16_t> flat = synthetic_content("flat", kSide, kSide, 10);
  Status status;
  const auto encoder = Encoder::create({kSide, kSide, 10}, status);
  for (const bool pays : {true, false}) {
    const std::vector<uint16_t> &samples = pays ? waves : flat;
    std::vector<uint8_t> unit;
    ASSERT_TRUE(
        encoder
            ->encode({samples.data(), kSide, kSide, kSide}, {.qp = 37, .md5_sei = true}, {}, unit)
            .ok());
    EXPECT_EQ(has_filter(unit), pays);
    Picture picture;
    ASSERT_TRUE(Decoder::create({})->decode(unit, picture).ok());
    const Plane<const uint16_t> own = encoder->reconstruction();
    for (int y = 0; y < kSide; ++y) {
      ASSERT_TRUE(std::equal(own.data + y * own.stride, own.data + y * own.stride + kSide,
                             picture.samples.data() + static_cast<ptrdiff_t>(y) * kSide))
          << y;
    }
  }
}

}  // namespace
}  // namespace feat::vvc
