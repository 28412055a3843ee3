// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/tensor_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace feat::native {

namespace {

float float_of_half(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = (half >> 10) & 0x1F;
  const uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | mantissa << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float small = static_cast<float>(mantissa) * 0x1p-24F;
  return sign != 0 ? -small : small;
}

// To nearest, halves to even; finite values beyond the largest half become that.
uint16_t half_of_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000U);
  const float magnitude = std::fabs(value);
  if (!(magnitude < 65520.0F)) return sign | 0x7BFFU;
  if (magnitude < 0x1p-14F)  // subnormal: a multiple of 2^-24
    return sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24F));
  const uint32_t rounded = (bits & 0x7FFFFFFFU) + 0xFFFU + ((bits >> 13) & 1U);
  return sign | static_cast<uint16_t>((rounded >> 13) - (112U << 10));
}

uint16_t bfloat_of_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = bits + 0x7FFFU + ((bits >> 16) & 1U);
  if ((rounded & 0x7F800000U) == 0x7F800000U)  // beyond the largest finite value
    return static_cast<uint16_t>((bits >> 16 & 0x8000U) | 0x7F7FU);
  return static_cast<uint16_t>(rounded >> 16);
}

// How an element of each format becomes a number and back.
struct F32 {
  using Raw = float;
  static float read(Raw v) { return v; }
  static Raw write(float v) { return v; }
};
struct F16 {
  using Raw = uint16_t;
  static float read(Raw v) { return float_of_half(v); }
  static Raw write(float v) { return half_of_float(v); }
};
struct BF16 {
  using Raw = uint16_t;
  static float read(Raw v) { return std::bit_cast<float>(static_cast<uint32_t>(v) << 16); }
  static Raw write(float v) { return bfloat_of_float(v); }
};
template <class T>
struct Integer {
  using Raw = T;
  static float read(Raw v) { return static_cast<float>(v); }
  static Raw write(float v) {
    const double low = std::numeric_limits<T>::min();
    const double high = std::numeric_limits<T>::max();
    return static_cast<T>(std::clamp(std::nearbyint(double{v}), low, high));
  }
};

template <class Visit>
void with_element(Format format, Visit &&visit) {
  switch (format) {
    case Format::kF32:
      return visit(F32{});
    case Format::kF16:
      return visit(F16{});
    case Format::kBF16:
      return visit(BF16{});
    case Format::kU8:
      return visit(Integer<uint8_t>{});
    case Format::kS8:
      return visit(Integer<int8_t>{});
    case Format::kU16:
      return visit(Integer<uint16_t>{});
    case Format::kS16:
      return visit(Integer<int16_t>{});
    case Format::kS32:
      return visit(Integer<int32_t>{});
  }
}

Status non_finite(std::span<const float> values) {
  // Infinities and what is no number have the largest exponent; a vector of several finds it soon.
  int32_t most = 0;
  for (const float v : values) most = std::max(most, std::bit_cast<int32_t>(v) & 0x7FFFFFFF);
  if (most < 0x7F800000) return {};
  size_t first = values.size();
  size_t count = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    first = std::min(first, i);
    ++count;
  }
  if (count == 0) return {};
  const char *what = std::isnan(values[first]) ? "NaN" : "infinite";
  return {Status::Code::kNonFinite,
          "element " + std::to_string(first) + " is " + what + ", and " + std::to_string(count) +
              " of " + std::to_string(values.size()) +
              " elements are not finite, which only lossless coding keeps"};
}

void clamp_non_finite(std::span<float> values) {
  float low = 0;
  float high = 0;
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  for (float &v : values) {
    if (std::isnan(v)) v = 0;
    if (std::isinf(v)) v = v < 0 ? low : high;
  }
}

}  // namespace

size_t size_of(Format format) {
  constexpr size_t kSizes[kFormats] = {4, 2, 2, 1, 1, 2, 2, 4};
  return kSizes[static_cast<size_t>(format)];
}

const char *name_of(Format format) {
  constexpr const char *kNames[kFormats] = {"F32LE", "F16LE", "BF16LE", "U8",
                                            "S8",    "U16LE", "S16LE",  "S32LE"};
  return kNames[static_cast<size_t>(format)];
}

bool count_points(std::span<const uint32_t> shape, uint64_t &points) {
  points = 1;
  for (const uint32_t d : shape) {
    if (d == 0) {
      points = 0;
      return true;
    }
  }
  for (const uint32_t d : shape) {
    if (points > (uint64_t{1} << 62) / d) return false;
    points *= d;
  }
  return true;
}

Status to_floats(Format format, std::span<const uint8_t> data, bool clamp,
                 std::vector<float> &values) {
  values.resize(data.size() / size_of(format));
  with_element(format, [&](auto element) {
    using Element = decltype(element);
    typename Element::Raw raw;
    for (size_t i = 0; i < values.size(); ++i) {
      std::memcpy(&raw, data.data() + i * sizeof(raw), sizeof(raw));
      values[i] = Element::read(raw);
    }
  });
  Status status = non_finite(values);
  if (!status.ok() && clamp) {
    clamp_non_finite(values);
    return {};
  }
  return status;
}

void from_floats(Format format, std::span<const float> values, std::span<uint8_t> data) {
  with_element(format, [&](auto element) {
    using Element = decltype(element);
    for (size_t i = 0; i < values.size(); ++i) {
      const typename Element::Raw raw = Element::write(values[i]);
      std::memcpy(data.data() + i * sizeof(raw), &raw, sizeof(raw));
    }
  });
}

}  // namespace feat::native
