// SPDX-License-Identifier: LGPL-2.1-or-later
#include "quantize.h"

namespace feat {
namespace {

template <class T>
struct Constants {
  T low;
  T high;
  T scale;
};

double scale_of(const Range &range, double levels) {
  return levels / (range.max - range.min);
}

struct NearestMath {
  using Value = double;
  static Value constant(double v) { return v; }
  static Value scaled(Value x, const Constants<Value> &c) { return (x - c.low) * c.scale; }
  static Value rounded(Value v) { return round_even(v); }
};

template <class T>
struct FloorMath {
  using Value = T;
  static Value constant(double v) { return static_cast<T>(v); }
  static Value scaled(Value x, const Constants<Value> &c) { return (x - c.low) * c.scale; }
  static Value rounded(Value v) { return v; }  // the conversion to an integer cuts
};

// Each operation on halves is the binary32 one rounded once more: with more than twice the digits
// in between, the result is the same as if rounded once.
struct FloorHalfMath {
  using Value = float;
  static Value constant(double v) { return round_to_half(static_cast<float>(v)); }
  static Value scaled(Value x, const Constants<Value> &c) {
    return round_to_half(round_to_half(x - c.low) * c.scale);
  }
  static Value rounded(Value v) { return v; }
};

template <class Format, Rounding rounding>
struct MathOf {
  using type = FloorMath<typename Format::Value>;
};
template <class Format>
struct MathOf<Format, Rounding::nearest> {
  using type = NearestMath;
};
template <>
struct MathOf<F16, Rounding::floor> {
  using type = FloorHalfMath;
};

template <class Format, class Math, class Code>
class TypedQuantizer final : public Quantizer {
 public:
  using Value = typename Math::Value;

  TypedQuantizer(unsigned bits, std::span<const Range> ranges, const AxisLayout &layout)
      : levels_(static_cast<Value>((1u << bits) - 1)), plan_(layout, table(ranges, levels_)) {}

  NonFinite run(const void *source, void *codes) const override {
    const std::byte *in = static_cast<const std::byte *>(source);
    std::byte *out = static_cast<std::byte *>(codes);
    NonFinite found;
    plan_.for_each_block([&](std::size_t offset, std::size_t n, auto constants) {
      found.look<Format>(in, offset, n);
      block(in + offset * sizeof(typename Format::Storage), out + offset * sizeof(Code), n,
            constants);
    });
    return found;
  }

 private:
  static std::vector<Constants<Value>> table(std::span<const Range> ranges, double levels) {
    std::vector<Constants<Value>> table;
    table.reserve(ranges.size());
    for (const Range &range : ranges)
      table.push_back({Math::constant(range.min), Math::constant(range.max),
                       Math::constant(scale_of(range, levels))});
    return table;
  }

  template <class Table>
  void block(const std::byte *in, std::byte *out, std::size_t n, Table table) const {
    const Value levels = levels_;
    for (std::size_t i = 0; i < n; i++) {
      const Constants<Value> &constants = table[i];
      Value x = static_cast<Value>(Format::value(load<typename Format::Storage>(in, i)));
      x = x == x ? x : Value(0);
      x = x < constants.low ? constants.low : x;
      x = x > constants.high ? constants.high : x;
      Value code = Math::rounded(Math::scaled(x, constants));
      code = code < levels ? code : levels;
      save(out, i, static_cast<Code>(static_cast<std::int32_t>(code)));
    }
  }

  Value levels_;
  RangePlan<Constants<Value>> plan_;
};

struct NearestInverse {
  using Value = double;
  struct Constants {
    Value step;
    Value low;
  };
  static Constants constants(const Range &range, double levels) {
    return {(range.max - range.min) / levels, range.min};
  }
  static Value value(Value code, const Constants &c) { return code * c.step + c.low; }
};

struct FloorInverse {
  using Value = float;
  struct Constants {
    Value scale;
    Value low;
  };
  static Constants constants(const Range &range, double levels) {
    return {static_cast<float>(scale_of(range, levels)), static_cast<float>(range.min)};
  }
  static Value value(Value code, const Constants &c) { return code / c.scale + c.low; }
};

template <class Format, class Math, class Code>
class TypedDequantizer final : public Dequantizer {
 public:
  TypedDequantizer(unsigned bits, std::span<const Range> ranges, const AxisLayout &layout)
      : levels_(static_cast<std::int32_t>((1u << bits) - 1)),
        plan_(layout, table(ranges, levels_)) {}

  void run(const void *codes, void *target) const override {
    plan_.for_each_block([&](std::size_t offset, std::size_t n, auto constants) {
      block(static_cast<const std::byte *>(codes) + offset * sizeof(Code),
            static_cast<std::byte *>(target) + offset * sizeof(typename Format::Storage), n,
            constants);
    });
  }

 private:
  using Constants = typename Math::Constants;

  static std::vector<Constants> table(std::span<const Range> ranges, double levels) {
    std::vector<Constants> table;
    table.reserve(ranges.size());
    for (const Range &range : ranges) table.push_back(Math::constants(range, levels));
    return table;
  }

  template <class Table>
  void block(const std::byte *in, std::byte *out, std::size_t n, Table table) const {
    const std::int32_t levels = levels_;
    for (std::size_t i = 0; i < n; i++) {
      std::int32_t code = load<Code>(in, i);
      code = code < levels ? code : levels;
      save(out, i, Format::store(Math::value(static_cast<typename Math::Value>(code), table[i])));
    }
  }

  std::int32_t levels_;
  RangePlan<Constants> plan_;
};

}  // namespace

std::unique_ptr<Quantizer> Quantizer::create(Element source, unsigned bits, Rounding rounding,
                                             std::span<const Range> ranges,
                                             const AxisLayout &layout) {
  return visit(source, [&](auto format) -> std::unique_ptr<Quantizer> {
    using Format = decltype(format);
    using Nearest = typename MathOf<Format, Rounding::nearest>::type;
    using Floor = typename MathOf<Format, Rounding::floor>::type;
    if (rounding == Rounding::nearest) {
      if (bits <= 8)
        return std::make_unique<TypedQuantizer<Format, Nearest, std::uint8_t>>(bits, ranges,
                                                                               layout);
      return std::make_unique<TypedQuantizer<Format, Nearest, std::uint16_t>>(bits, ranges, layout);
    }
    if (bits <= 8)
      return std::make_unique<TypedQuantizer<Format, Floor, std::uint8_t>>(bits, ranges, layout);
    return std::make_unique<TypedQuantizer<Format, Floor, std::uint16_t>>(bits, ranges, layout);
  });
}

std::unique_ptr<Dequantizer> Dequantizer::create(Element target, unsigned bits, Rounding rounding,
                                                 std::span<const Range> ranges,
                                                 const AxisLayout &layout) {
  return visit(target, [&](auto format) -> std::unique_ptr<Dequantizer> {
    using Format = decltype(format);
    const auto make = [&](auto math, auto code) -> std::unique_ptr<Dequantizer> {
      return std::make_unique<TypedDequantizer<Format, decltype(math), decltype(code)>>(
          bits, ranges, layout);
    };
    if (rounding == Rounding::nearest)
      return bits <= 8 ? make(NearestInverse{}, std::uint8_t{})
                       : make(NearestInverse{}, std::uint16_t{});
    return bits <= 8 ? make(FloorInverse{}, std::uint8_t{}) : make(FloorInverse{}, std::uint16_t{});
  });
}

}  // namespace feat
