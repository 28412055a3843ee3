// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/npy_array.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gst/common/gstcpp.h"
#include "gst/common/scalar.h"

namespace feat {

namespace {

// Points of an array, of which only the parts that are asked for get into memory.
constexpr uint64_t kMaxPoints = uint64_t{1} << 40;

template <typename T>
double load(const uint8_t *data, bool big_endian) {
  std::array<uint8_t, T::kSize> bytes;
  std::copy_n(data, T::kSize, bytes.begin());
  if (big_endian) std::reverse(bytes.begin(), bytes.end());
  return T::load(bytes.data());
}

// Calls `use` with the Scalar type of the elements.
template <typename Use>
void visit(const npy::Header &header, const Use &use) {
  const auto integer = [&](auto one, auto two, auto four, auto eight) {
    header.item_bytes == 1   ? use(one)
    : header.item_bytes == 2 ? use(two)
    : header.item_bytes == 4 ? use(four)
                             : use(eight);
  };
  switch (header.kind) {
    case npy::Kind::kBool:
    case npy::Kind::kUint:
      return integer(Scalar<uint8_t>{}, Scalar<uint16_t>{}, Scalar<uint32_t>{}, Scalar<uint64_t>{});
    case npy::Kind::kInt:
      return integer(Scalar<int8_t>{}, Scalar<int16_t>{}, Scalar<int32_t>{}, Scalar<int64_t>{});
    case npy::Kind::kBFloat16:
      return use(BFloat16{});
    case npy::Kind::kFloat:
      if (header.item_bytes == 2) return use(Half{});
      return header.item_bytes == 4 ? use(Scalar<float>{}) : use(Scalar<double>{});
  }
}

template <typename T>
void read_as(const npy::Header &header, const uint8_t *data, std::vector<T> &values) {
  visit(header, [&](auto scalar) {
    using S = decltype(scalar);
    for (size_t i = 0; i < values.size(); ++i) {
      const double value = load<S>(data + i * S::kSize, header.big_endian);
      if constexpr (std::is_integral_v<T>)
        values[i] = saturate<T>(value);
      else
        values[i] = static_cast<T>(value);
    }
  });
}

}  // namespace

std::unique_ptr<NpyArray> NpyArray::open(const std::string &path, std::string &error) {
  ErrorSlot slot;
  GMappedFile *file = g_mapped_file_new(path.c_str(), FALSE, slot.out());
  if (file == nullptr) {
    error = slot.message();
    return nullptr;
  }
  std::unique_ptr<NpyArray> array(new NpyArray(path, file));
  if (const std::string problem = array->parse(); !problem.empty()) {
    error = path + ": " + problem;
    return nullptr;
  }
  return array;
}

std::string NpyArray::parse() {
  const auto *data = reinterpret_cast<const uint8_t *>(g_mapped_file_get_contents(file_));
  const size_t size = g_mapped_file_get_length(file_);
  const npy::Result result = npy::parse_header({data, size}, kMaxPoints, &header_);
  if (result.status == npy::Status::kNeedMore) return "the file ends within its header";
  if (result.status == npy::Status::kError) return result.error;
  if (size - header_.header_bytes < header_.data_bytes)
    return "the file has " + std::to_string(size) + " bytes of " +
           std::to_string(header_.header_bytes + header_.data_bytes);
  data_ = data + header_.header_bytes;
  return {};
}

std::vector<uint64_t> NpyArray::shape() const {
  return {header_.shape.begin(), header_.shape.begin() + header_.n_dims};
}

std::string NpyArray::shape_text() const {
  std::string text = "(";
  for (unsigned i = 0; i < header_.n_dims; ++i)
    text += (i > 0 ? "," : "") + std::to_string(header_.shape[i]);
  return text + ")";
}

bool NpyArray::is_integer() const {
  return header_.kind != npy::Kind::kFloat && header_.kind != npy::Kind::kBFloat16;
}

void NpyArray::read(uint64_t first, uint64_t count, std::vector<float> &values) const {
  values.resize(count);
  read_as(header_, data_ + first * header_.item_bytes, values);
}

void NpyArray::read(uint64_t first, uint64_t count, std::vector<int32_t> &values) const {
  values.resize(count);
  read_as(header_, data_ + first * header_.item_bytes, values);
}

}  // namespace feat
