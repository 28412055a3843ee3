// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/npy_array.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "codecs/hyperprior/train/error.h"
#include "gst/npy/npyfile.h"

namespace feat::hyperprior::train {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxPoints = uint64_t{1} << 40;

c10::ScalarType scalar_of(const std::string &path, const npy::Header &header) {
  if (header.kind == npy::Kind::kFloat && !header.big_endian) {
    if (header.item_bytes == 2) return c10::ScalarType::Half;
    if (header.item_bytes == 4) return c10::ScalarType::Float;
    if (header.item_bytes == 8) return c10::ScalarType::Double;
  }
  throw Error(path + ": its elements are not float16, float32 or float64 (little-endian)");
}

}  // namespace

Array read_npy(const std::string &path, uint64_t max_points) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be opened");
  npy::Header header;
  if (const std::string problem = npy::read_header(file, kMaxPoints, &header); !problem.empty())
    throw Error(path + ": " + problem);
  if (header.n_points > max_points)
    throw Error(path + ": it has " + std::to_string(header.n_points) +
                " points; --max-memory has room for " + std::to_string(max_points));
  const c10::ScalarType scalar = scalar_of(path, header);
  if (header.n_points == 0) throw Error(path + ": the array is empty");
  if (const std::string problem = npy::check_size(path, header); !problem.empty())
    throw Error(path + ": " + problem);

  Array array;
  array.shape.assign(header.shape.begin(), header.shape.begin() + header.n_dims);
  array.values.resize(header.n_points);
  std::vector<char> bytes(header.data_bytes);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw Error(path + ": cannot be read to the end");
  const auto count = static_cast<int64_t>(header.n_points);
  at::from_blob(array.values.data(), {count}, at::TensorOptions(c10::ScalarType::Float))
      .copy_(at::from_blob(bytes.data(), {count}, at::TensorOptions(scalar)));
  const auto wrong = std::find_if_not(array.values.begin(), array.values.end(),
                                      [](float value) { return std::isfinite(value); });
  if (wrong != array.values.end())
    throw Error(path + ": value " + std::to_string(wrong - array.values.begin()) +
                " is not a finite number");
  return array;
}

std::vector<std::string> find_npy_files(const std::string &path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw Error(path + ": there is no such file or folder");
  if (!fs::is_directory(status)) return {path};
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".npy" && !entry->is_directory())
      files.push_back(entry->path().string());
  if (error) throw Error(path + ": " + error.message());
  if (files.empty()) throw Error(path + ": there is no .npy file in this folder");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace feat::hyperprior::train
