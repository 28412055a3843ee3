// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/truth.h"

#include <cctype>
#include <type_traits>

namespace feat {

bool expand_pattern(const std::string &pattern, uint64_t number, std::string &name) {
  const size_t percent = pattern.find('%');
  if (percent == std::string::npos) return false;
  size_t at = percent + 1;
  size_t width = 0;
  const char fill = at < pattern.size() && pattern[at] == '0' ? '0' : ' ';
  for (; at < pattern.size() && std::isdigit(static_cast<unsigned char>(pattern[at])) != 0; ++at) {
    width = width * 10 + static_cast<size_t>(pattern[at] - '0');
    if (width > 20) return false;
  }
  if (at >= pattern.size() || pattern[at] != 'd') return false;
  if (pattern.find('%', at) != std::string::npos) return false;
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), fill);
  name = pattern.substr(0, percent) + digits + pattern.substr(at + 1);
  return true;
}

std::unique_ptr<Truth> Truth::open(const std::string &path, std::string &error) {
  auto truth = std::make_unique<Truth>();
  truth->path_ = path;
  truth->is_pattern_ = path.find('%') != std::string::npos;
  std::string name;
  if (truth->is_pattern_) {
    if (expand_pattern(path, 0, name)) return truth;
    error = path + " is no pattern for files: one %d, as in %05d.npy, stands for the sample";
    return nullptr;
  }
  truth->array_ = NpyArray::open(path, error);
  if (!truth->array_) return nullptr;
  if (!truth->array_->shape().empty()) return truth;
  error = path + " holds a single number, not one for each sample";
  return nullptr;
}

Truth::Found Truth::find(uint64_t sample, std::string &error) {
  if (is_pattern_) {
    std::string name;
    expand_pattern(path_, sample, name);
    if (!g_file_test(name.c_str(), G_FILE_TEST_EXISTS)) {
      error = "there is no file " + name;
      return Found::kMissing;
    }
    array_ = NpyArray::open(name, error);
    if (!array_) return Found::kBroken;
    shape_ = array_->shape();
    first_ = 0;
    count_ = array_->points();
    return Found::kYes;
  }
  shape_ = array_->shape();
  const uint64_t samples = shape_.front();
  if (sample >= samples) {
    error = path_ + " has " + std::to_string(samples) + " samples";
    return Found::kMissing;
  }
  shape_.erase(shape_.begin());
  count_ = array_->points() / samples;
  first_ = sample * count_;
  return Found::kYes;
}

template <typename T>
Truth::Found Truth::get(uint64_t sample, std::vector<T> &values, std::vector<uint64_t> &shape,
                        std::string &error) {
  const Found found = find(sample, error);
  if (found != Found::kYes) return found;
  if (std::is_integral_v<T> && !array_->is_integer()) {
    error = array_->path() + " has real numbers where integers belong";
    return Found::kBroken;
  }
  array_->read(first_, count_, values);
  shape = shape_;
  return Found::kYes;
}

template Truth::Found Truth::get(uint64_t, std::vector<float> &, std::vector<uint64_t> &,
                                 std::string &);
template Truth::Found Truth::get(uint64_t, std::vector<int32_t> &, std::vector<uint64_t> &,
                                 std::string &);

}  // namespace feat
