// SPDX-License-Identifier: LGPL-2.1-or-later
// Conversions between double and the element formats of a tensor, in little-endian memory.
// Header-only and free of GLib, so that kernels and their tests can use it alone.
#ifndef GST_COMMON_SCALAR_H
#define GST_COMMON_SCALAR_H

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace feat {

/// Reads a little-endian value from memory that need not be aligned.
template <typename T>
T load_le(const uint8_t *data) {
  std::array<uint8_t, sizeof(T)> bytes;
  std::memcpy(bytes.data(), data, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

/// Writes a little-endian value to memory that need not be aligned.
template <typename T>
void store_le(uint8_t *data, T value) {
  auto bytes = std::bit_cast<std::array<uint8_t, sizeof(T)>>(value);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  std::memcpy(data, bytes.data(), sizeof(T));
}

/// Rounds a double to the nearest value (halves to even) of a binary float of 1 + E + M bits.
/// Values beyond the largest finite one become infinity; NaN stays NaN.
template <int E, int M>
uint16_t round_to_small_float(double value) {
  static_assert(1 + E + M == 16);
  constexpr int kBias = (1 << (E - 1)) - 1;
  constexpr uint64_t kInfinity = ((uint64_t{1} << E) - 1) << M;
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 63 << 15);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  if (exponent == 0x7ff) {
    const uint64_t quiet = fraction != 0 ? uint64_t{1} << (M - 1) : 0;
    return static_cast<uint16_t>(sign | kInfinity | quiet);
  }
  if (exponent == 0) return sign;  // far below the smallest subnormal of either format
  const int e = exponent - 1023;
  const int below_normal = std::max(0, 1 - kBias - e);
  const int shift = 52 - M + below_normal;
  if (shift > 53) return sign;
  const uint64_t mantissa = fraction | uint64_t{1} << 52;
  uint64_t result = mantissa >> shift;
  const uint64_t rest = mantissa & ((uint64_t{1} << shift) - 1);
  const uint64_t half = uint64_t{1} << (shift - 1);
  if (rest > half || (rest == half && (result & 1) != 0)) ++result;
  // The implicit bit of a normal number adds the last unit of the exponent.
  if (below_normal == 0) result += static_cast<uint64_t>(e + kBias - 1) << M;
  return static_cast<uint16_t>(sign | std::min(result, kInfinity));
}

inline uint16_t half_from_double(double value) {
  return round_to_small_float<5, 10>(value);
}
inline uint16_t bfloat16_from_double(double value) {
  return round_to_small_float<8, 7>(value);
}

inline float bfloat16_to_float(uint16_t value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value) << 16);
}

inline float half_to_float(uint16_t value) {
  const uint32_t sign = static_cast<uint32_t>(value & 0x8000) << 16;
  const uint32_t magnitude = value & 0x7fff;
  if (magnitude >= 0x7c00)  // infinity and NaN
    return std::bit_cast<float>(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude < 0x400) {  // zero and subnormals: magnitude * 2^-24, exact
    const float scaled = static_cast<float>(magnitude) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(scaled));
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (uint32_t{112} << 23)));
}

/// Nearest integer (halves to even) within the range of T; NaN gives 0.
template <typename T>
T saturate(double value) {
  if (std::isnan(value)) return 0;
  const double rounded = std::nearbyint(value);
  // 2^63 and 2^64 are the first doubles that do not fit; max() itself is not a double.
  constexpr double kEnd =
      static_cast<double>(uint64_t{1} << (sizeof(T) * 8 - 1)) * (std::is_signed_v<T> ? 1.0 : 2.0);
  if (rounded >= kEnd) return std::numeric_limits<T>::max();
  if (rounded <= static_cast<double>(std::numeric_limits<T>::lowest()))
    return std::numeric_limits<T>::lowest();
  return static_cast<T>(rounded);
}

/// An element format: size in bytes, load to and store from double.
template <typename T>
struct Scalar {
  static constexpr unsigned kSize = sizeof(T);
  static double load(const uint8_t *data) { return static_cast<double>(load_le<T>(data)); }
  static void store(uint8_t *data, double value) {
    if constexpr (std::is_floating_point_v<T>)
      store_le<T>(data, static_cast<T>(value));
    else
      store_le<T>(data, saturate<T>(value));
  }
};

struct Half {
  static constexpr unsigned kSize = 2;
  static double load(const uint8_t *data) { return half_to_float(load_le<uint16_t>(data)); }
  static void store(uint8_t *data, double v) { store_le<uint16_t>(data, half_from_double(v)); }
};

struct BFloat16 {
  static constexpr unsigned kSize = 2;
  static double load(const uint8_t *data) { return bfloat16_to_float(load_le<uint16_t>(data)); }
  static void store(uint8_t *data, double v) { store_le<uint16_t>(data, bfloat16_from_double(v)); }
};

}  // namespace feat

#endif  // GST_COMMON_SCALAR_H
