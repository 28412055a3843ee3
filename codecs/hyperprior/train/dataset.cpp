// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/dataset.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "codecs/hyperprior/preparation.h"
#include "codecs/hyperprior/train/error.h"
#include "codecs/hyperprior/train/pattern.h"

namespace feat::hyperprior::train {

namespace {

constexpr size_t kHeldOut = 10;  // one in so many

std::string mebibytes(uint64_t bytes) {
  return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB";
}

// The last folders of a path: enough for people, and nothing of where it lies.
std::string short_name(const std::string &path) {
  const std::filesystem::path clean = std::filesystem::path(path + "/.").lexically_normal();
  return clean.parent_path().filename().string();
}

std::vector<float> column_weights(const Packed &packed, int prepared_width) {
  std::vector<float> weights(static_cast<size_t>(prepared_width));
  const int left = (prepared_width - packed.width) / 2;
  const auto parts = static_cast<int>(packed.spans.size());
  for (int x = 0; x < prepared_width; ++x) {
    const int column = std::clamp(x - left, 0, packed.width - 1);
    const double span = packed.spans[static_cast<size_t>(column / (packed.width / parts))];
    weights[static_cast<size_t>(x)] = static_cast<float>(span * span);
  }
  return weights;
}

}  // namespace

void Dataset::add(const std::string &name, const Packed &packed, int bits) {
  const ConstPlane view{packed.samples.data(), packed.width, packed.height, packed.width};
  Prepared prepared = prepare(model_, view, bits);
  PreparedPlane plane;
  plane.height = prepared.height;
  plane.width = prepared.width;
  plane.group = names_.size() - 1;
  plane.samples = std::move(prepared.samples);
  if (feature_errors_) plane.error_weights = column_weights(packed, prepared.width);
  bytes_ += (plane.samples.size() + plane.error_weights.size()) * sizeof(float);
  if (bytes_ > max_bytes_)
    throw Error(name + ": with it the planes take " + mebibytes(bytes_) +
                ", more than --max-memory, " + mebibytes(max_bytes_));
  planes_.push_back(std::move(plane));
}

void Dataset::add(const std::string &name, const Array &array, const Ranges &ranges, int bits) {
  for (const Packed &packed : pack(name, array, ranges, bits)) add(name, packed, bits);
}

void Dataset::add_files(const std::string &path, const Ranges &ranges, int bits) {
  names_.push_back(short_name(path));
  for (const std::string &file : find_npy_files(path))
    add(file, read_npy(file, max_points()), ranges, bits);
}

void Dataset::add_pattern(const std::string &pattern, const Ranges &ranges, int bits,
                          uint64_t seed) {
  const PatternSource source(pattern, seed, max_points());
  names_.push_back(pattern);
  for (int i = 0; i < source.count(); ++i) add(pattern, source.make(i), ranges, bits);
}

Dataset Dataset::hold_out() {
  Dataset held(model_, max_bytes_, feature_errors_);
  held.names_ = names_;
  std::vector<PreparedPlane> kept;
  for (size_t i = 0; i < planes_.size(); ++i)
    (i % kHeldOut == kHeldOut - 1 ? held.planes_ : kept).push_back(std::move(planes_[i]));
  planes_ = std::move(kept);
  return held;
}

uint64_t Dataset::points() const {
  uint64_t points = 0;
  for (const PreparedPlane &plane : planes_) points += plane.samples.size();
  return points;
}

uint64_t Dataset::fingerprint() const {
  uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](uint64_t value) { hash = (hash ^ value) * 0x100000001b3; };
  for (const PreparedPlane &plane : planes_) {
    mix(static_cast<uint64_t>(plane.width));
    mix(plane.group);
    for (const float sample : plane.samples) {
      uint32_t bits = 0;
      std::memcpy(&bits, &sample, sizeof bits);
      mix(bits);
    }
  }
  return hash;
}

}  // namespace feat::hyperprior::train
