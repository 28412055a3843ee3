// SPDX-License-Identifier: LGPL-2.1-or-later
// Element formats of a tensor: how each is stored, and the type it is computed in.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "half.h"

namespace feat {

static_assert(std::endian::native == std::endian::little,
              "tensors are little-endian; a big-endian host would have to swap");

enum class Element { f32, f16, bf16, f64, u8, s8, u16, s16, u32, s32, u64, s64 };

// Nearest integer, ties to even, for magnitudes below 2^51. Unlike std::nearbyint it vectorises on
// every host.
inline double round_even(double value) {
  constexpr double kMagic = 0x1.8p52;
  return (value + kMagic) - kMagic;
}

// Each format: Storage as it lies in memory, Value it is computed in, value() and store().
struct F32 {
  using Storage = float;
  using Value = float;
  static constexpr bool kFloat = true;
  static Value value(Storage s) { return s; }
  static Storage store(double v) { return static_cast<float>(v); }
  static bool finite(Storage s) {
    return (std::bit_cast<std::uint32_t>(s) & 0x7f800000u) != 0x7f800000u;
  }
};

struct F16 {
  using Storage = std::uint16_t;
  using Value = float;
  static constexpr bool kFloat = true;
  static Value value(Storage s) { return float_from_half(s); }
  static Storage store(double v) { return half_from_float(static_cast<float>(v)); }
  static bool finite(Storage s) { return (s & 0x7c00u) != 0x7c00u; }
};

struct BF16 {
  using Storage = std::uint16_t;
  using Value = float;
  static constexpr bool kFloat = true;
  static Value value(Storage s) { return float_from_bfloat(s); }
  static Storage store(double v) { return bfloat_from_float(static_cast<float>(v)); }
  static bool finite(Storage s) { return (s & 0x7f80u) != 0x7f80u; }
};

struct F64 {
  using Storage = double;
  using Value = double;
  static constexpr bool kFloat = true;
  static Value value(Storage s) { return s; }
  static Storage store(double v) { return v; }
  static bool finite(Storage s) {
    return (std::bit_cast<std::uint64_t>(s) & 0x7ff0000000000000u) != 0x7ff0000000000000u;
  }
};

template <class T>
struct Integer {
  using Storage = T;
  using Value = double;
  static constexpr bool kFloat = false;
  static Value value(Storage s) { return static_cast<double>(s); }
  // Nearest, ties to even, and saturated. The upper limit of the 64-bit types is not a double: it
  // rounds up to a power of two, which itself is out of range already.
  static Storage store(double v) {
    constexpr double kMin = static_cast<double>(std::numeric_limits<T>::min());
    constexpr double kMax = static_cast<double>(std::numeric_limits<T>::max());
    const double rounded = std::nearbyint(v);
    if (rounded >= kMax) return std::numeric_limits<T>::max();
    if (rounded <= kMin) return std::numeric_limits<T>::min();
    return static_cast<T>(rounded);
  }
  static bool finite(Storage) { return true; }
};

template <class F>
decltype(auto) visit(Element element, F &&function) {
  switch (element) {
    case Element::f32:
      return function(F32{});
    case Element::f16:
      return function(F16{});
    case Element::bf16:
      return function(BF16{});
    case Element::f64:
      return function(F64{});
    case Element::u8:
      return function(Integer<std::uint8_t>{});
    case Element::s8:
      return function(Integer<std::int8_t>{});
    case Element::u16:
      return function(Integer<std::uint16_t>{});
    case Element::s16:
      return function(Integer<std::int16_t>{});
    case Element::u32:
      return function(Integer<std::uint32_t>{});
    case Element::s32:
      return function(Integer<std::int32_t>{});
    case Element::u64:
      return function(Integer<std::uint64_t>{});
    default:
      return function(Integer<std::int64_t>{});
  }
}

// Buffers come with any alignment.
template <class T>
T load(const std::byte *data, std::size_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof value, sizeof value);
  return value;
}

template <class T>
void save(std::byte *data, std::size_t index, T value) {
  std::memcpy(data + index * sizeof value, &value, sizeof value);
}

// What a pass over a buffer found that is neither a number nor finite.
struct NonFinite {
  std::size_t count = 0;
  std::size_t first = 0;  // index of the first one, if any

  template <class Format>
  void look(const std::byte *data, std::size_t offset, std::size_t n) {
    if constexpr (Format::kFloat) {
      std::size_t bad = 0;
      for (std::size_t i = 0; i < n; i++)
        bad += !Format::finite(load<typename Format::Storage>(data, offset + i));
      if (bad == 0) return;
      if (count == 0) {
        first = offset;
        while (Format::finite(load<typename Format::Storage>(data, first))) first++;
      }
      count += bad;
    }
  }
};

}  // namespace feat
