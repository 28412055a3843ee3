// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <bit>
#include <limits>

#include "codecs/hyperprior/half.h"
#include "codecs/hyperprior/model.h"

namespace feat::hyperprior {

namespace {

uint32_t load(const uint8_t *data, size_t bytes) {
  uint32_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | data[i];
  return value;
}

void store(uint32_t value, size_t bytes, std::vector<uint8_t> &out) {
  for (size_t i = 0; i < bytes; ++i, value >>= 8) out.push_back(static_cast<uint8_t>(value));
}

}  // namespace

size_t size_of(Element element) {
  return element == Element::kF32 || element == Element::kS32 ? 4 : 2;
}

size_t TensorView::count() const {
  size_t count = 1;
  for (const int d : shape) count *= static_cast<size_t>(d);
  return count;
}

std::vector<float> TensorView::floats() const {
  std::vector<float> values(count());
  for (size_t i = 0; i < values.size(); ++i) {
    if (element == Element::kF32) {
      values[i] = std::bit_cast<float>(load(data + 4 * i, 4));
    } else if (element == Element::kF16) {
      values[i] = half_to_float(static_cast<uint16_t>(load(data + 2 * i, 2)));
    }
  }
  return values;
}

std::vector<int32_t> TensorView::integers() const {
  std::vector<int32_t> values(count());
  for (size_t i = 0; i < values.size(); ++i) {
    if (element == Element::kS32) {
      values[i] = static_cast<int32_t>(load(data + 4 * i, 4));
    } else if (element == Element::kS16) {
      values[i] = static_cast<int16_t>(load(data + 2 * i, 2));
    } else if (element == Element::kU16) {
      values[i] = static_cast<int32_t>(load(data + 2 * i, 2));
    }
  }
  return values;
}

TensorData store_floats(std::span<const float> values, std::vector<int> shape, Element element) {
  TensorData tensor{element, std::move(shape), {}};
  tensor.bytes.reserve(values.size() * size_of(element));
  for (const float value : values) {
    store(element == Element::kF16 ? half_from_float(value) : std::bit_cast<uint32_t>(value),
          size_of(element), tensor.bytes);
  }
  return tensor;
}

TensorData store_integers(std::span<const int32_t> values, std::vector<int> shape,
                          Element element) {
  const int64_t low = element == Element::kS32   ? std::numeric_limits<int32_t>::min()
                      : element == Element::kS16 ? -32768
                                                 : 0;
  const int64_t high = element == Element::kS32   ? std::numeric_limits<int32_t>::max()
                       : element == Element::kS16 ? 32767
                                                  : 65535;
  TensorData tensor{element, std::move(shape), {}};
  tensor.bytes.reserve(values.size() * size_of(element));
  for (const int64_t value : values)
    store(static_cast<uint32_t>(std::clamp(value, low, high)), size_of(element), tensor.bytes);
  return tensor;
}

}  // namespace feat::hyperprior
