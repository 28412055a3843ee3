// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/array.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "codecs/feature/tensor_values.h"
#include "gst/npy/npyfile.h"
#include "pipelines/bench/error.h"

namespace feat::bench {

namespace {

// Elements of one file. Samples are read one at a time, so this may be more than fits in memory.
constexpr uint64_t kMaxFilePoints = uint64_t{1} << 40;
// Elements of one sample, as everywhere in the project.
constexpr uint64_t kMaxPoints = uint64_t{1} << 28;

struct FormatName {
  npy::Kind kind;
  unsigned bytes;
  const char *name;
  const char *descr;
};

constexpr FormatName kFormats[] = {
    {npy::Kind::kFloat, 4, "F32LE", "<f4"}, {npy::Kind::kFloat, 2, "F16LE", "<f2"},
    {npy::Kind::kFloat, 8, "F64LE", "<f8"}, {npy::Kind::kBFloat16, 2, "BF16LE", "bfloat16"},
    {npy::Kind::kUint, 1, "U8", "|u1"},     {npy::Kind::kInt, 1, "S8", "|i1"},
    {npy::Kind::kUint, 2, "U16LE", "<u2"},  {npy::Kind::kInt, 2, "S16LE", "<i2"},
    {npy::Kind::kInt, 4, "S32LE", "<i4"},   {npy::Kind::kInt, 8, "S64LE", "<i8"},
};

const FormatName *find_format(const std::string &name) {
  const auto *found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const FormatName &f) { return name == f.name; });
  return found != std::end(kFormats) ? found : nullptr;
}

uint64_t count(std::span<const int> shape) {
  uint64_t points = 1;
  for (const int d : shape) points *= static_cast<uint64_t>(d);
  return points;
}

template <class T>
std::vector<float> convert(const std::vector<uint8_t> &bytes) {
  std::vector<float> values(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    values[i] = static_cast<float>(value);
  }
  return values;
}

}  // namespace

uint64_t Array::points() const {
  return count(shape);
}

size_t size_of_format(const std::string &format) {
  const FormatName *found = find_format(format);
  return found != nullptr ? found->bytes : 0;
}

std::string to_text(std::span<const int> shape) {
  std::string text = "(";
  for (const int d : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(d);
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::vector<float> to_floats(const Array &array) {
  if (array.format == "F64LE") return convert<double>(array.bytes);
  if (array.format == "S64LE") return convert<int64_t>(array.bytes);
  for (int i = 0; i < native::kFormats; ++i) {
    const auto format = static_cast<native::Format>(i);
    if (array.format != native::name_of(format)) continue;
    std::vector<float> values;
    // Whether all is finite, others say.
    (void)native::to_floats(format, array.bytes, false, values);
    return values;
  }
  throw Error("there are no numbers in format " + array.format);
}

NpyFile::NpyFile(const std::string &path) : path_(path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be opened");
  npy::Header header;
  if (const std::string problem = npy::read_header(file, kMaxFilePoints, &header); !problem.empty())
    throw Error(path + ": " + problem);
  if (header.big_endian) throw Error(path + ": big-endian elements are not supported");
  const npy::Kind kind = header.kind == npy::Kind::kBool ? npy::Kind::kUint : header.kind;
  const auto *found = std::find_if(
      std::begin(kFormats), std::end(kFormats),
      [&](const FormatName &f) { return f.kind == kind && f.bytes == header.item_bytes; });
  if (found == std::end(kFormats))
    throw Error(path + ": unsigned integers of " + std::to_string(8 * header.item_bytes) +
                " bits are not supported");
  format_ = found->name;
  shape_.assign(header.shape.begin(), header.shape.begin() + header.n_dims);
  header_bytes_ = header.header_bytes;
  if (const std::string problem = npy::check_size(path, header); !problem.empty())
    throw Error(path + ": " + problem);
}

Array NpyFile::read_bytes(uint64_t offset, std::vector<int> shape) const {
  Array array{format_, std::move(shape), {}};
  const uint64_t points = array.points();
  if (points == 0) throw Error(path_ + ": the array is empty");
  if (points > kMaxPoints)
    throw Error(path_ + ": a sample has " + std::to_string(points) + " elements, the limit is " +
                std::to_string(kMaxPoints));
  const size_t size = points * size_of_format(format_);
  array.bytes.resize(size);
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(header_bytes_ + offset * size));
  if (!file.read(reinterpret_cast<char *>(array.bytes.data()), static_cast<std::streamsize>(size)))
    throw Error(path_ + ": cannot be read to the end");
  return array;
}

Array NpyFile::read() const {
  return read_bytes(0, shape_);
}

Array NpyFile::read_part(size_t index) const {
  if (shape_.empty() || index >= static_cast<size_t>(shape_[0]))
    throw Error(path_ + ": there is no sample " + std::to_string(index) + " in an array of shape " +
                to_text(shape_));
  return read_bytes(index, {shape_.begin() + 1, shape_.end()});
}

void write_atomically(const std::string &path, std::span<const uint8_t> bytes) {
  const std::string unfinished = path + "." + std::to_string(getpid()) + ".part";
  std::ofstream file(unfinished, std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  if (!file || error) {
    std::filesystem::remove(unfinished, error);
    throw Error(path + ": cannot be written");
  }
}

void write_atomically(const std::string &path, const std::string &text) {
  write_atomically(path, std::span(reinterpret_cast<const uint8_t *>(text.data()), text.size()));
}

void write_npy(const std::string &path, const Array &array) {
  const FormatName *format = find_format(array.format);
  if (format == nullptr || array.format == "BF16LE")
    throw Error(path + ": .npy files have no format " + array.format);
  const std::vector<int32_t> shape(array.shape.begin(), array.shape.end());
  const std::string header = npy::make_header(format->descr, shape);
  std::vector<uint8_t> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), array.bytes.begin(), array.bytes.end());
  write_atomically(path, bytes);
}

}  // namespace feat::bench
