// SPDX-License-Identifier: LGPL-2.1-or-later
// Conversions between binary32 and the 16-bit floating-point formats. Branch-free, so that loops
// over them vectorise; subnormal numbers are handled without computing on binary32 subnormals,
// which some hosts flush to zero.
#pragma once

#include <bit>
#include <cstdint>

namespace feat {

inline float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7fffu) << 13;
  const std::uint32_t exponent = magnitude & 0x0f800000u;
  constexpr std::uint32_t kRebias = (127u - 15u) << 23;
  const std::uint32_t normal = magnitude + kRebias;
  const std::uint32_t special = magnitude + 2 * kRebias;  // infinity and NaN
  // A subnormal is mantissa * 2^-24: put the mantissa below the leading one of 2^-14, take the
  // leading one off again.
  const float shifted = std::bit_cast<float>(magnitude + kRebias + (1u << 23));
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(shifted - 0x1p-14f);
  std::uint32_t bits = exponent == 0 ? subnormal : normal;
  bits = exponent == 0x0f800000u ? special : bits;
  return std::bit_cast<float>(bits | sign);
}

// Rounds to nearest, ties to even; too large values become infinity, NaN stays NaN.
inline std::uint16_t half_from_float(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  const std::uint32_t normal = (magnitude - ((127u - 15u) << 23) + 0xfffu + odd) >> 13;
  // The unit of a subnormal half, 2^-24, is the unit in the last place of numbers around 0.5, so
  // that the addition rounds.
  const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u;
  std::uint32_t half = magnitude < 0x38800000u ? subnormal : normal;  // 2^-14
  half = magnitude >= 0x477ff000u ? 0x7c00u : half;                   // 65520 and up
  half = magnitude > 0x7f800000u ? 0x7e00u : half;
  return static_cast<std::uint16_t>(half | sign);
}

inline float float_from_bfloat(std::uint16_t bfloat) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bfloat) << 16);
}

// Rounds to nearest, ties to even; NaN stays NaN.
inline std::uint16_t bfloat_from_float(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t odd = (bits >> 16) & 1u;
  const std::uint32_t rounded = (bits + 0x7fffu + odd) >> 16;
  const std::uint32_t quiet = (bits >> 16) | 0x40u;
  return static_cast<std::uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

// float_from_half(half_from_float(value)), NaN excepted, without leaving binary32.
inline float round_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits & 0x80000000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  const std::uint32_t odd = (magnitude >> 13) & 1u;
  const std::uint32_t normal = (magnitude + 0xfffu + odd) & ~0x1fffu;
  const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(shifted - 0.5f);
  std::uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
  half = magnitude >= 0x477ff000u ? 0x7f800000u : half;
  return std::bit_cast<float>(half | sign);
}

}  // namespace feat
