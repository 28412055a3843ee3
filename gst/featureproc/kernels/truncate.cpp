// SPDX-License-Identifier: LGPL-2.1-or-later
#include "truncate.h"

namespace feat {
namespace {

template <class Format>
struct Limits {
  using Storage = typename Format::Storage;
  using Value = typename Format::Value;
  Value low;
  Value high;
  Storage low_bits;
  Storage high_bits;
  Storage nan_bits;
};

// Integers are compared as what they are: a 64-bit one may not fit a double.
template <class T>
struct Limits<Integer<T>> {
  T low;
  T high;
};

template <class Format>
Limits<Format> limits_of(const Range &range) {
  if constexpr (Format::kFloat) {
    const auto low = Format::store(range.min);
    const auto high = Format::store(range.max);
    const double nearest_to_zero = std::clamp(0.0, range.min, range.max);
    return {Format::value(low), Format::value(high), low, high, Format::store(nearest_to_zero)};
  } else {
    return {Format::store(std::ceil(range.min)), Format::store(std::floor(range.max))};
  }
}

template <class Format, class Constants>
void clamp(std::byte *data, std::size_t offset, std::size_t n, Constants constants) {
  using Storage = typename Format::Storage;
  data += offset * sizeof(Storage);
  for (std::size_t i = 0; i < n; i++) {
    const auto &limits = constants[i];
    Storage bits = load<Storage>(data, i);
    if constexpr (Format::kFloat) {
      const auto value = Format::value(bits);
      bits = value < limits.low ? limits.low_bits : bits;
      bits = value > limits.high ? limits.high_bits : bits;
      bits = value != value ? limits.nan_bits : bits;
    } else {
      bits = bits < limits.low ? limits.low : bits;
      bits = bits > limits.high ? limits.high : bits;
    }
    save(data, i, bits);
  }
}

template <class Format>
class TypedTruncator final : public Truncator {
 public:
  TypedTruncator(std::vector<Limits<Format>> limits, const AxisLayout &layout)
      : plan_(layout, std::move(limits)) {}

  NonFinite run(void *data) const override {
    std::byte *bytes = static_cast<std::byte *>(data);
    NonFinite found;
    plan_.for_each_block([&](std::size_t offset, std::size_t n, auto constants) {
      found.look<Format>(bytes, offset, n);
      clamp<Format>(bytes, offset, n, constants);
    });
    return found;
  }

 private:
  RangePlan<Limits<Format>> plan_;
};

}  // namespace

std::unique_ptr<Truncator> Truncator::create(Element element, std::span<const Range> ranges,
                                             const AxisLayout &layout) {
  return visit(element, [&](auto format) -> std::unique_ptr<Truncator> {
    using Format = decltype(format);
    std::vector<Limits<Format>> limits;
    limits.reserve(ranges.size());
    for (const Range &range : ranges) {
      limits.push_back(limits_of<Format>(range));
      if constexpr (!Format::kFloat)
        if (std::ceil(range.min) > std::floor(range.max) || limits.back().low > limits.back().high)
          return nullptr;
    }
    return std::make_unique<TypedTruncator<Format>>(std::move(limits), layout);
  });
}

}  // namespace feat
