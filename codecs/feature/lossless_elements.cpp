// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_elements.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

namespace feat::native::lossless {
namespace {

struct Layout {
  bool integer;
  int bits;
  int mantissa_bits;  // of floats
};

constexpr Layout layout_of(Format format) {
  switch (format) {
    case Format::kF32:
      return {false, 32, 23};
    case Format::kF16:
      return {false, 16, 10};
    case Format::kBF16:
      return {false, 16, 7};
    case Format::kU8:
    case Format::kS8:
      return {true, 8, 0};
    case Format::kU16:
    case Format::kS16:
      return {true, 16, 0};
    case Format::kS32:
      return {true, 32, 0};
  }
  return {true, 8, 0};
}

bool is_signed(Format format) {
  return format != Format::kU8 && format != Format::kU16;
}

// Elements are little-endian.
template <class T>
T load(const uint8_t *from) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(from[i]) << (8 * i));
  return value;
}
template <class T>
void store(T value, uint8_t *to) {
  for (size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<uint8_t>(value >> (8 * i));
}

// A sign at the top, in a number of `T`'s size. Negative integers are stored as the bits of their
// complement, which leaves no second zero.
template <class T, bool kInteger, bool kSigned>
Code to_code(T bits) {
  if constexpr (!kSigned) return bits;
  constexpr int kTop = static_cast<int>(sizeof(T)) * 8 - 1;
  const uint32_t sign = static_cast<uint32_t>(bits) >> kTop;
  uint32_t magnitude = bits;
  if (kInteger && sign) magnitude = ~magnitude;
  return sign << kSignShift | (magnitude & ((uint32_t{1} << kTop) - 1));
}
template <class T, bool kInteger, bool kSigned>
T to_bits(Code code, int low_bits) {
  const uint32_t magnitude = code & kMagnitudeMask;
  const bool negative = code >> kSignShift != 0;
  if constexpr (kInteger) return static_cast<T>((negative ? ~magnitude : magnitude) << low_bits);
  constexpr int kTop = static_cast<int>(sizeof(T)) * 8 - 1;
  return static_cast<T>(magnitude << low_bits | static_cast<uint32_t>(negative) << kTop);
}

template <class Visitor>
void visit(Format format, Visitor visitor) {
  const Layout layout = layout_of(format);
  const auto call = [&](auto type) {
    if (!layout.integer) {
      visitor(type, std::false_type(), std::true_type());
    } else if (is_signed(format)) {
      visitor(type, std::true_type(), std::true_type());
    } else {
      visitor(type, std::true_type(), std::false_type());
    }
  };
  if (layout.bits == 32) return call(uint32_t{});
  if (layout.bits == 16) return call(uint16_t{});
  call(uint8_t{});
}

}  // namespace

size_t bytes_of(Format format) {
  return static_cast<size_t>(layout_of(format).bits / 8);
}

int max_low_bits(Format format) {
  const Layout layout = layout_of(format);
  return layout.integer ? layout.bits - 1 : layout.mantissa_bits;
}

NumberKind kind_of(Format format, int low_bits, int top_class) {
  const Layout layout = layout_of(format);
  NumberKind kind;
  kind.integer = layout.integer;
  if (kind.integer) {
    kind.classes = std::max(layout.bits - low_bits + (is_signed(format) ? 0 : 1), 2);
    kind.scale = kIntegerScale;
  } else {
    kind.mantissa_bits = layout.mantissa_bits - low_bits;
    kind.classes = 1 << (layout.bits - 1 - layout.mantissa_bits);
    kind.scale = kTypicalBits - top_class;
  }
  return kind;
}

NumberKind kind_of_ranks(size_t palette) {
  NumberKind kind;
  kind.integer = true;
  kind.classes = std::max(bit_width(palette - 1) + 1, 2);
  kind.scale = kIntegerScale;
  return kind;
}

std::vector<Code> load_codes(Format format, std::span<const uint8_t> data) {
  std::vector<Code> codes(data.size() / bytes_of(format));
  visit(format, [&](auto type, auto integer, auto with_sign) {
    using T = decltype(type);
    for (size_t i = 0; i < codes.size(); ++i)
      codes[i] = to_code<T, integer.value, with_sign.value>(load<T>(&data[i * sizeof(T)]));
  });
  return codes;
}

void store_codes(Format format, std::span<const Code> codes, int low_bits,
                 std::span<uint8_t> data) {
  visit(format, [&](auto type, auto integer, auto with_sign) {
    using T = decltype(type);
    for (size_t i = 0; i < codes.size(); ++i)
      store(to_bits<T, integer.value, with_sign.value>(codes[i], low_bits), &data[i * sizeof(T)]);
  });
}

int find_low_bits(Format format, std::span<const Code> codes) {
  uint32_t used = 0;
  if (layout_of(format).integer) {
    for (const Code code : codes) used |= code >> kSignShift ? ~code : code;
  } else {
    for (const Code code : codes) used |= code;
  }
  used &= kMagnitudeMask;
  return std::min(used == 0 ? kSignShift : std::countr_zero(used), max_low_bits(format));
}

// The class that one number in 64 is above.
int find_top_class(const NumberKind &kind, std::span<const Code> codes) {
  if (kind.integer) return 0;
  std::array<size_t, 256> counts{};
  for (const Code code : codes) ++counts[static_cast<size_t>(kind.class_of(code & kMagnitudeMask))];
  size_t above = 0;
  int top = kind.classes - 1;
  while (top > 1 && (above += counts[static_cast<size_t>(top)]) <= codes.size() / 64) --top;
  return top;
}

}  // namespace feat::native::lossless
