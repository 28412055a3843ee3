// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/profile/npy_features.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "codecs/feature/tensor_values.h"
#include "gst/npy/npyfile.h"

namespace feat::profile {

namespace {

namespace fs = std::filesystem;

// Points of one array. A feature is held in memory, the array is not.
constexpr uint64_t kMaxPoints = uint64_t{1} << 40;

void find_below(const std::string &folder, std::vector<std::string> &files) {
  std::error_code error;
  const size_t before = files.size();
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".npy" && !entry->is_directory())
      files.push_back(entry->path().string());
  if (error) throw Error(folder + ": " + error.message());
  if (files.size() == before) throw Error(folder + ": there is no .npy file in this folder");
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
}

}  // namespace

std::vector<std::string> find_npy_files(const std::vector<std::string> &paths) {
  std::vector<std::string> files;
  for (const std::string &path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) throw Error(path + ": there is no such file or folder");
    if (fs::is_directory(status))
      find_below(path, files);
    else
      files.push_back(path);
  }
  return files;
}

NpyFeatures::NpyFeatures(const std::string &path) : path_(path), file_(path, std::ios::binary) {
  if (!file_) throw wrong("cannot be opened");
  npy::Header header;
  if (const std::string problem = npy::read_header(file_, kMaxPoints, &header); !problem.empty())
    throw wrong(problem);

  using Kind = npy::Kind;
  item_bytes_ = header.item_bytes;
  const auto is = [&](Kind kind, unsigned bytes) {
    return header.kind == kind && header.item_bytes == bytes;
  };
  if (is(Kind::kFloat, 4)) {
    element_ = Element::kF32;
  } else if (is(Kind::kFloat, 2)) {
    element_ = Element::kF16;
  } else if (is(Kind::kBFloat16, 2)) {
    element_ = Element::kBF16;
  } else if (is(Kind::kFloat, 8)) {
    element_ = Element::kF64;
  } else if (is(Kind::kUint, 1) || header.kind == Kind::kBool) {
    element_ = Element::kU8;
  } else if (is(Kind::kInt, 1)) {
    element_ = Element::kS8;
  } else if (is(Kind::kUint, 2)) {
    element_ = Element::kU16;
  } else if (is(Kind::kInt, 2)) {
    element_ = Element::kS16;
  } else if (is(Kind::kInt, 4)) {
    element_ = Element::kS32;
  } else {
    throw wrong("integers of " + std::to_string(8 * header.item_bytes) +
                " bits are no elements of a feature");
  }
  if (header.big_endian) throw wrong("big-endian elements are not supported");
  if (header.n_points == 0) throw wrong("the array is empty");

  const unsigned dims = header.n_dims;
  channels_ = dims > 0 ? static_cast<uint32_t>(header.shape[dims - 1]) : 1;
  rows_ = dims > 1 ? static_cast<uint64_t>(header.shape[dims - 2]) : 1;
  features_ = header.n_points / channels_ / rows_;
  if (const std::string problem = npy::check_size(path_, header); !problem.empty())
    throw wrong(problem);
}

bool NpyFeatures::next(std::vector<float> &values) {
  if (read_ == features_) return false;
  bytes_.resize(feature_bytes());
  if (!file_.read(reinterpret_cast<char *>(bytes_.data()),
                  static_cast<std::streamsize>(bytes_.size())))
    throw wrong("cannot be read to the end");
  ++read_;
  convert(values);
  return true;
}

void NpyFeatures::convert(std::vector<float> &values) const {
  using native::Format;
  if (element_ == Element::kF64) {
    values.resize(bytes_.size() / sizeof(double));
    for (size_t i = 0; i < values.size(); ++i) {
      double value;
      std::memcpy(&value, bytes_.data() + i * sizeof value, sizeof value);
      values[i] = static_cast<float>(value);
    }
    return;
  }
  constexpr Format kFormats[] = {Format::kF32, Format::kF16, Format::kBF16,
                                 Format::kF32,  // kF64, above
                                 Format::kU8,  Format::kS8,  Format::kU16,
                                 Format::kS16, Format::kS32};
  // Whether all is finite, the learner says.
  (void)native::to_floats(kFormats[static_cast<size_t>(element_)], bytes_, false, values);
}

}  // namespace feat::profile
