// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/common/scalar.h"

#include <gtest/gtest.h>

using namespace feat;

namespace {

// Value of a half from its definition, without the code under test.
double half_value(uint16_t bits) {
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Scalar, EveryFiniteHalf) {
  for (unsigned i = 0; i < 0x10000; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    if ((bits & 0x7c00) == 0x7c00) continue;
    EXPECT_EQ(static_cast<double>(half_to_float(bits)), half_value(bits)) << i;
    EXPECT_EQ(half_from_double(half_value(bits)), bits) << i;
  }
}

TEST(Scalar, HalfRoundsHalvesToEven) {
  for (unsigned i = 0; i < 0x7bff; ++i) {
    const double low = half_value(static_cast<uint16_t>(i));
    const double high = half_value(static_cast<uint16_t>(i + 1));
    const double middle = (low + high) / 2;
    EXPECT_EQ(half_from_double(middle), i + (i & 1)) << i;
    EXPECT_EQ(half_from_double(std::nextafter(middle, 0.0)), i) << i;
    EXPECT_EQ(half_from_double(-std::nextafter(middle, 1e9)), (i + 1) | 0x8000) << i;
  }
}

TEST(Scalar, HalfSpecials) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(half_from_double(65504), 0x7bff);
  EXPECT_EQ(half_from_double(65519.99), 0x7bff);
  EXPECT_EQ(half_from_double(65520), 0x7c00);
  EXPECT_EQ(half_from_double(1e300), 0x7c00);
  EXPECT_EQ(half_from_double(-inf), 0xfc00);
  EXPECT_EQ(half_from_double(0x1p-25), 0);
  EXPECT_EQ(half_from_double(std::nextafter(0x1p-25, 1.0)), 1);
  EXPECT_EQ(half_from_double(1e-300), 0);
  EXPECT_EQ(half_from_double(-0.0), 0x8000);
  EXPECT_TRUE(std::isnan(half_to_float(half_from_double(std::nan("")))));
  EXPECT_EQ(half_to_float(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(half_to_float(0x7e01)));
}

TEST(Scalar, BFloat16) {
  for (unsigned i = 0; i < 0x7f80; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const double value = bfloat16_to_float(bits);
    EXPECT_EQ(bfloat16_from_double(value), bits);
    EXPECT_EQ(bfloat16_from_double(-value), bits | 0x8000);
  }
  EXPECT_EQ(bfloat16_from_double(1.00390625), 0x3f80);  // a tie goes to the even one
  EXPECT_EQ(bfloat16_from_double(1.01171875), 0x3f82);
  EXPECT_EQ(bfloat16_from_double(1e39), 0x7f80);
  EXPECT_TRUE(std::isnan(bfloat16_to_float(bfloat16_from_double(-std::nan("")))));
}

TEST(Scalar, IntegersRoundAndSaturate) {
  EXPECT_EQ(saturate<uint8_t>(2.5), 2);
  EXPECT_EQ(saturate<uint8_t>(3.5), 4);
  EXPECT_EQ(saturate<uint8_t>(-1), 0);
  EXPECT_EQ(saturate<uint8_t>(256), 255);
  EXPECT_EQ(saturate<int8_t>(-128.4), -128);
  EXPECT_EQ(saturate<int8_t>(-1000), -128);
  EXPECT_EQ(saturate<int32_t>(2147483647.0), 2147483647);
  EXPECT_EQ(saturate<int64_t>(0x1p63), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(saturate<int64_t>(-0x1p63), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(saturate<uint64_t>(0x1p64), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(saturate<uint64_t>(0x1p63), uint64_t{1} << 63);
  EXPECT_EQ(saturate<int16_t>(std::nan("")), 0);
}

TEST(Scalar, LittleEndianMemory) {
  uint8_t bytes[8] = {};
  Scalar<float>::store(bytes + 1, 1.5);
  EXPECT_EQ(bytes[3], 0xc0);
  EXPECT_EQ(bytes[4], 0x3f);
  EXPECT_EQ(Scalar<float>::load(bytes + 1), 1.5);
  Scalar<int16_t>::store(bytes, -2);
  EXPECT_EQ(bytes[0], 0xfe);
  EXPECT_EQ(bytes[1], 0xff);
  EXPECT_EQ(Scalar<int16_t>::load(bytes), -2);
}

}  // namespace
