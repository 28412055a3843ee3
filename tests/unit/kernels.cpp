// SPDX-License-Identifier: LGPL-2.1-or-later
// The loops of gst/featureproc/kernels against plain formulas. Halves are converted by
// gst/common/scalar.h, which shares no code with the kernels.
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "gst/common/scalar.h"
#include "gst/featureproc/kernels/pack.h"
#include "gst/featureproc/kernels/quantize.h"
#include "gst/featureproc/kernels/truncate.h"

namespace {

using feat::bfloat16_from_double;
using feat::bfloat16_to_float;
using feat::half_from_double;
using feat::half_to_float;

float h(float x) {
  return half_to_float(half_from_double(x));
}

std::vector<double> values(std::size_t n, double spread) {
  std::mt19937 random(static_cast<unsigned>(n));
  std::normal_distribution<double> normal(0, spread);
  std::vector<double> result(n);
  for (double &value : result) value = normal(random);
  return result;
}

unsigned floor_f32(float x, feat::Range range, unsigned bits) {
  const double scale = ((1 << bits) - 1) / (range.max - range.min);
  const float low = static_cast<float>(range.min);
  const float high = static_cast<float>(range.max);
  x = x < low ? low : x > high ? high : x;
  const float difference = x - low;
  const float scaled = difference * static_cast<float>(scale);
  return static_cast<unsigned>(std::min(scaled, static_cast<float>((1 << bits) - 1)));
}

unsigned floor_f16(std::uint16_t half, feat::Range range, unsigned bits) {
  const double scale = ((1 << bits) - 1) / (range.max - range.min);
  const float low = h(static_cast<float>(range.min));
  const float high = h(static_cast<float>(range.max));
  float x = half_to_float(half);
  x = x < low ? low : x > high ? high : x;
  const float scaled = h(h(x - low) * half_to_float(half_from_double(scale)));
  return static_cast<unsigned>(std::min(scaled, static_cast<float>((1 << bits) - 1)));
}

unsigned nearest(double x, feat::Range range, unsigned bits) {
  const double levels = (1 << bits) - 1;
  x = std::clamp(x, range.min, range.max);
  return static_cast<unsigned>(
      std::nearbyint((x - range.min) * (levels / (range.max - range.min))));
}

TEST(Half, EveryHalfToFloat) {
  for (unsigned i = 0; i < 0x10000; i++) {
    const auto bits = static_cast<std::uint16_t>(i);
    const float expected = half_to_float(bits);
    const float actual = feat::float_from_half(bits);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(actual), std::bit_cast<std::uint32_t>(expected)) << i;
  }
}

TEST(Half, FloatToHalfAtAndAroundEveryTie) {
  for (unsigned i = 0; i < 0x7c00; i++) {
    const float low = half_to_float(static_cast<std::uint16_t>(i));
    const float high = i == 0x7bff ? 65536.0F : half_to_float(static_cast<std::uint16_t>(i + 1));
    const float middle = (low + high) / 2;
    for (float x : {low, std::nextafter(low, 1e9F), std::nextafter(middle, 0.0F), middle,
                    std::nextafter(middle, 1e9F)})
      for (float y : {x, -x}) {
        EXPECT_EQ(feat::half_from_float(y), half_from_double(y)) << y;
        EXPECT_EQ(feat::round_to_half(y), h(y)) << y;
      }
  }
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(feat::half_from_float(infinity), 0x7c00);
  EXPECT_EQ(feat::half_from_float(-1e30F), 0xfc00);
  EXPECT_EQ(feat::half_from_float(std::numeric_limits<float>::quiet_NaN()) & 0x7fff, 0x7e00);
  EXPECT_EQ(feat::half_from_float(1e-30F), 0);
}

TEST(Half, Bfloat) {
  for (double x : values(10000, 100.0)) {
    const float f = static_cast<float>(x);
    EXPECT_EQ(feat::bfloat_from_float(f), bfloat16_from_double(f)) << f;
  }
  EXPECT_EQ(feat::bfloat_from_float(std::bit_cast<float>(0x3f808000u)), 0x3f80);
  EXPECT_EQ(feat::bfloat_from_float(std::bit_cast<float>(0x3f818000u)), 0x3f82);
  EXPECT_EQ(feat::bfloat_from_float(std::bit_cast<float>(0x7fffffffu)) & 0x7fc0, 0x7fc0);
}

template <class T>
std::vector<unsigned> quantize(feat::Element element, unsigned bits, feat::Rounding rounding,
                               std::span<const feat::Range> ranges, const feat::AxisLayout &layout,
                               const std::vector<T> &source, feat::NonFinite *found = nullptr) {
  const auto quantizer = feat::Quantizer::create(element, bits, rounding, ranges, layout);
  std::vector<std::uint8_t> narrow(source.size());
  std::vector<std::uint16_t> wide(source.size());
  feat::NonFinite bad;
  if (bits <= 8) {
    bad = quantizer->run(source.data(), narrow.data());
    if (found) *found = bad;
    return {narrow.begin(), narrow.end()};
  }
  bad = quantizer->run(source.data(), wide.data());
  if (found) *found = bad;
  return {wide.begin(), wide.end()};
}

TEST(Quantize, EveryDepthBothRoundings) {
  const feat::Range range{-5.79, 4.46};
  const feat::AxisLayout layout{1, 1, 5003};
  const std::vector<double> doubles = values(layout.points(), 3);
  const std::vector<float> floats(doubles.begin(), doubles.end());
  std::vector<std::uint16_t> halves, bfloats;
  for (double x : doubles) halves.push_back(half_from_double(x));
  for (double x : doubles) bfloats.push_back(bfloat16_from_double(x));
  for (unsigned bits = 2; bits <= 16; bits++)
    for (feat::Rounding rounding : {feat::Rounding::nearest, feat::Rounding::floor}) {
      const bool floor = rounding == feat::Rounding::floor;
      const auto q32 = quantize(feat::Element::f32, bits, rounding, {&range, 1}, layout, floats);
      const auto q16 = quantize(feat::Element::f16, bits, rounding, {&range, 1}, layout, halves);
      const auto qb = quantize(feat::Element::bf16, bits, rounding, {&range, 1}, layout, bfloats);
      const auto q64 = quantize(feat::Element::f64, bits, rounding, {&range, 1}, layout, doubles);
      for (std::size_t i = 0; i < layout.points(); i++) {
        const float b = bfloat16_to_float(bfloats[i]);
        const double levels = (1 << bits) - 1;
        const double scaled = (std::clamp(doubles[i], range.min, range.max) - range.min) *
                              (levels / (range.max - range.min));
        if (floor) {
          ASSERT_EQ(q32[i], floor_f32(floats[i], range, bits)) << floats[i] << " " << bits;
          ASSERT_EQ(q16[i], floor_f16(halves[i], range, bits)) << halves[i] << " " << bits;
          ASSERT_EQ(qb[i], floor_f32(b, range, bits)) << b << " " << bits;
          ASSERT_EQ(q64[i], static_cast<unsigned>(std::min(scaled, levels))) << bits;
        } else {
          ASSERT_EQ(q32[i], nearest(floats[i], range, bits)) << floats[i] << " " << bits;
          ASSERT_EQ(q16[i], nearest(half_to_float(halves[i]), range, bits)) << bits;
          ASSERT_EQ(qb[i], nearest(b, range, bits)) << bits;
          ASSERT_EQ(q64[i], nearest(doubles[i], range, bits)) << bits;
        }
      }
    }
}

TEST(Quantize, EveryHalfOfTheRange) {
  for (const feat::Range range : {feat::Range{-20, 20}, {-5.79, 4.46}, {-1, 1}, {0, 65504}}) {
    std::vector<std::uint16_t> halves;
    for (unsigned i = 0; i < 0x10000; i++)
      if ((i & 0x7c00) != 0x7c00) halves.push_back(static_cast<std::uint16_t>(i));
    const feat::AxisLayout layout{1, 1, halves.size()};
    for (unsigned bits : {8u, 10u, 16u}) {
      const auto codes =
          quantize(feat::Element::f16, bits, feat::Rounding::floor, {&range, 1}, layout, halves);
      for (std::size_t i = 0; i < halves.size(); i++)
        ASSERT_EQ(codes[i], floor_f16(halves[i], range, bits)) << halves[i];
    }
  }
}

TEST(Quantize, RangesAlongEveryAxis) {
  for (std::size_t inner : {1u, 3u, 15u, 16u, 2049u}) {
    const feat::AxisLayout layout{3, 5, inner};
    std::vector<feat::Range> ranges;
    for (int i = 0; i < 5; i++) ranges.push_back({-1.0 - i, 0.5 + i});
    const std::vector<double> doubles = values(layout.points(), 2);
    const std::vector<float> floats(doubles.begin(), doubles.end());
    const auto floor =
        quantize(feat::Element::f32, 10, feat::Rounding::floor, ranges, layout, floats);
    const auto near =
        quantize(feat::Element::f32, 7, feat::Rounding::nearest, ranges, layout, floats);
    for (std::size_t i = 0; i < floats.size(); i++) {
      const feat::Range range = ranges[i / inner % 5];
      ASSERT_EQ(floor[i], floor_f32(floats[i], range, 10)) << i << " " << inner;
      ASSERT_EQ(near[i], nearest(floats[i], range, 7)) << i << " " << inner;
    }
  }
}

TEST(Quantize, NonFiniteIsCountedAndClamped) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> floats(3000, 0.25F);
  floats[2100] = infinity;
  floats[2500] = -infinity;
  floats[2999] = nan;
  const feat::Range range{1, 3};
  feat::NonFinite found;
  const auto codes = quantize(feat::Element::f32, 2, feat::Rounding::nearest, {&range, 1},
                              {1, 1, floats.size()}, floats, &found);
  EXPECT_EQ(found.count, 3u);
  EXPECT_EQ(found.first, 2100u);
  EXPECT_EQ(codes[2100], 3u);
  EXPECT_EQ(codes[2500], 0u);
  EXPECT_EQ(codes[2999], 0u);
  const feat::Range around{-1, 1};
  EXPECT_EQ(quantize(feat::Element::f32, 2, feat::Rounding::nearest, {&around, 1},
                     {1, 1, floats.size()}, floats)[2999],
            2u);  // zero: 1.5 levels, the tie goes to the even one
}

TEST(Dequantize, EveryCodeEveryDepth) {
  const feat::Range range{-5.79, 4.46};
  for (unsigned bits = 2; bits <= 16; bits++) {
    const unsigned levels = (1u << bits) - 1;
    const feat::AxisLayout layout{1, 1, levels + 1};
    std::vector<std::uint8_t> narrow(levels + 1);
    std::vector<std::uint16_t> wide(levels + 1);
    std::iota(narrow.begin(), narrow.end(), std::uint8_t{0});
    std::iota(wide.begin(), wide.end(), std::uint16_t{0});
    const void *codes = bits <= 8 ? static_cast<const void *>(narrow.data()) : wide.data();
    std::vector<float> f32(levels + 1);
    std::vector<std::uint16_t> f16(levels + 1), bf16(levels + 1);
    std::vector<double> f64(levels + 1);
    std::vector<std::int8_t> s8(levels + 1);
    for (feat::Rounding rounding : {feat::Rounding::nearest, feat::Rounding::floor}) {
      const auto run = [&](feat::Element element, void *target) {
        feat::Dequantizer::create(element, bits, rounding, {&range, 1}, layout)->run(codes, target);
      };
      run(feat::Element::f32, f32.data());
      run(feat::Element::f16, f16.data());
      run(feat::Element::bf16, bf16.data());
      run(feat::Element::f64, f64.data());
      run(feat::Element::s8, s8.data());
      const float scale = static_cast<float>(levels / (range.max - range.min));
      for (unsigned q = 0; q <= levels; q++) {
        double x = q * ((range.max - range.min) / levels) + range.min;
        if (rounding == feat::Rounding::floor) {
          const float quotient = static_cast<float>(q) / scale;
          x = quotient + static_cast<float>(range.min);
        }
        const float single = static_cast<float>(x);
        ASSERT_EQ(f32[q], single) << q;
        ASSERT_EQ(f16[q], half_from_double(single)) << q;
        ASSERT_EQ(bf16[q], bfloat16_from_double(single)) << q;
        ASSERT_EQ(f64[q], x) << q;
        ASSERT_EQ(s8[q], static_cast<std::int8_t>(std::nearbyint(x))) << q;
      }
    }
  }
}

TEST(Dequantize, CodesAboveTheDepthCountAsTheLast) {
  const feat::Range range{0, 2};
  const std::vector<std::uint16_t> codes{1023, 1024, 65535};
  std::vector<float> target(3);
  feat::Dequantizer::create(feat::Element::f32, 10, feat::Rounding::nearest, {&range, 1}, {1, 1, 3})
      ->run(codes.data(), target.data());
  EXPECT_EQ(target, (std::vector<float>{2, 2, 2}));
}

TEST(Truncate, KeepsBitsInsideAndHoldsLimitsOutside) {
  const feat::Range range{-1.5, 2.25};
  std::vector<float> floats{-2, -1.5F, -0.0F, 0.1F, 2.25F, 2.3F};
  const auto found =
      feat::Truncator::create(feat::Element::f32, {&range, 1}, {1, 1, 6})->run(floats.data());
  EXPECT_EQ(found.count, 0u);
  EXPECT_EQ(floats, (std::vector<float>{-1.5F, -1.5F, -0.0F, 0.1F, 2.25F, 2.25F}));
  EXPECT_TRUE(std::signbit(floats[2]));

  std::vector<std::uint16_t> halves;
  for (unsigned i = 0; i < 0x10000; i++) halves.push_back(static_cast<std::uint16_t>(i));
  const std::vector<std::uint16_t> before = halves;
  const feat::Range latent{-5.79, 4.46};
  const auto odd = feat::Truncator::create(feat::Element::f16, {&latent, 1}, {1, 1, halves.size()})
                       ->run(halves.data());
  EXPECT_EQ(odd.count, 2048u);
  EXPECT_EQ(odd.first, 0x7c00u);
  const std::uint16_t low = half_from_double(-5.79);
  const std::uint16_t high = half_from_double(4.46);
  for (unsigned i = 0; i < 0x10000; i++) {
    const float value = half_to_float(before[i]);
    const std::uint16_t expected = value < half_to_float(low)    ? low
                                   : value > half_to_float(high) ? high
                                   : value != value              ? std::uint16_t{0}
                                                                 : before[i];
    ASSERT_EQ(halves[i], expected) << i;
  }
}

TEST(Truncate, Integers) {
  std::vector<std::int8_t> bytes{-128, -3, -2, 0, 7, 8, 127};
  const feat::Range range{-2.5, 7.9};
  feat::Truncator::create(feat::Element::s8, {&range, 1}, {1, 1, 7})->run(bytes.data());
  EXPECT_EQ(bytes, (std::vector<std::int8_t>{-2, -2, -2, 0, 7, 7, 7}));
  std::vector<std::uint64_t> longs{0, 5, std::numeric_limits<std::uint64_t>::max()};
  const feat::Range wide{-1, 1e30};
  feat::Truncator::create(feat::Element::u64, {&wide, 1}, {1, 1, 3})->run(longs.data());
  EXPECT_EQ(longs, (std::vector<std::uint64_t>{0, 5, std::numeric_limits<std::uint64_t>::max()}));
  const feat::Range none{0.2, 0.8};
  EXPECT_EQ(feat::Truncator::create(feat::Element::u8, {&none, 1}, {1, 1, 3}), nullptr);
}

TEST(Truncate, RangesAlongAnAxisAndAnyAlignment) {
  for (std::size_t inner : {1u, 4u, 31u, 3000u}) {
    const feat::AxisLayout layout{2, 3, inner};
    const feat::Range ranges[] = {{-1, 1}, {-0.5, 2}, {0, 0.25}};
    const std::vector<double> doubles = values(layout.points(), 2);
    std::vector<std::byte> storage(layout.points() * sizeof(float) + 1);
    for (std::size_t i = 0; i < doubles.size(); i++)
      feat::save(storage.data() + 1, i, static_cast<float>(doubles[i]));
    feat::Truncator::create(feat::Element::f32, ranges, layout)->run(storage.data() + 1);
    for (std::size_t i = 0; i < doubles.size(); i++) {
      const feat::Range range = ranges[i / inner % 3];
      const float expected =
          std::clamp(static_cast<float>(doubles[i]), static_cast<float>(range.min),
                     static_cast<float>(range.max));
      ASSERT_EQ(feat::load<float>(storage.data() + 1, i), expected) << i;
    }
  }
}

TEST(Pack, EveryElementWhereItBelongs) {
  const feat::PictureLayout layouts[] = {
      {1, 1, 5, 7, 1, 1}, {2, 4, 3, 5, 1, 4}, {1, 6, 3, 5, 2, 3}, {3, 4, 1, 1, 2, 2}};
  for (const auto &l : layouts)
    for (unsigned code_bytes : {1u, 2u})
      for (const feat::PlaneFormat format : {feat::PlaneFormat{1, 2}, {2, 6}, {2, 0}}) {
        const std::size_t n = l.images * l.channels * l.height * l.width;
        std::vector<std::uint8_t> narrow(n);
        std::vector<std::uint16_t> wide(n);
        for (std::size_t i = 0; i < n; i++) {
          narrow[i] = static_cast<std::uint8_t>(i * 37 % 64);
          wide[i] = narrow[i];
        }
        void *codes = code_bytes == 1 ? static_cast<void *>(narrow.data()) : wide.data();
        const std::size_t columns = l.grid_columns * l.width;
        const std::size_t rows = l.images * l.grid_rows * l.height;
        const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(columns * format.bytes) + 3;
        std::vector<std::byte> plane(rows * static_cast<std::size_t>(stride), std::byte{0xa5});
        feat::pack_plane(l, codes, code_bytes, plane.data(), stride, format);
        for (std::size_t y = 0; y < rows; y++) {
          const std::byte *row = plane.data() + y * static_cast<std::size_t>(stride);
          for (std::size_t x = 0; x < columns; x++) {
            const std::size_t image = y / (l.grid_rows * l.height);
            const std::size_t channel = y / l.height % l.grid_rows * l.grid_columns + x / l.width;
            const std::size_t element =
                ((image * l.channels + channel) * l.height + y % l.height) * l.width + x % l.width;
            const unsigned sample = format.bytes == 1 ? feat::load<std::uint8_t>(row, x)
                                                      : feat::load<std::uint16_t>(row, x);
            ASSERT_EQ(sample, static_cast<unsigned>(wide[element]) << format.shift);
          }
          ASSERT_EQ(row[columns * format.bytes], std::byte{0xa5});
        }
        const auto before = wide;
        std::fill(narrow.begin(), narrow.end(), std::uint8_t{0xff});
        std::fill(wide.begin(), wide.end(), std::uint16_t{0xffff});
        feat::unpack_plane(l, plane.data(), stride, format, codes, code_bytes, 63);
        for (std::size_t i = 0; i < n; i++)
          ASSERT_EQ(code_bytes == 1 ? narrow[i] : wide[i], before[i]);
      }
}

TEST(Pack, SamplesAboveTheLastCode) {
  const std::uint16_t plane[] = {1023, 1024, 65535};
  std::uint16_t codes[3];
  feat::unpack_plane({1, 1, 1, 3, 1, 1}, plane, 6, {2, 0}, codes, 2, 1023);
  EXPECT_EQ(codes[0], 1023);
  EXPECT_EQ(codes[1], 1023);
  EXPECT_EQ(codes[2], 1023);
}

}  // namespace
