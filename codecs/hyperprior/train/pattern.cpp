// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/pattern.h"

#include <charconv>
#include <string_view>

#include "codecs/hyperprior/train/error.h"

namespace feat::hyperprior::train {

namespace {

constexpr int kMaxCount = 1 << 20;
constexpr Synth kKinds[] = {Synth::kCls, Synth::kSeg, Synth::kDpt, Synth::kCsr, Synth::kTti};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return parts;
}

// 0: it is no number from 1 to `limit`.
int number(std::string_view text, int limit) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0 && value <= limit
             ? value
             : 0;
}

}  // namespace

PatternSource::PatternSource(const std::string &text, uint64_t seed, uint64_t max_points)
    : seed_(seed) {
  const auto wrong = [&](const std::string &what) {
    return Error("--pattern " + text + ": " + what);
  };
  const std::vector<std::string_view> parts = split(text, ':');
  bool known = false;
  for (const Synth kind : kKinds)
    if (parts[0] == synth_kind(kind).name) {
      kind_ = kind;
      known = true;
    }
  if (!known) throw wrong("the name is none of cls, seg, dpt, csr, tti");
  if (parts.size() < 2 || parts.size() > 3) throw wrong("it is not NAME:SHAPE or NAME:SHAPE:COUNT");
  uint64_t points = 1;
  for (const std::string_view side : split(parts[1], ',')) {
    shape_.push_back(number(side, 1 << 20));
    points *= static_cast<uint64_t>(shape_.back());
    if (points == 0 || points > max_points)
      throw wrong("a feature has 1 to " + std::to_string(max_points) + " points (--max-memory)");
  }
  if (shape_.size() != 4)
    throw wrong("the shape has " + std::to_string(shape_.size()) + " sides, not 4");
  if (parts.size() == 3) count_ = number(parts[2], kMaxCount);
  if (count_ == 0) throw wrong("the count is not from 1 to " + std::to_string(kMaxCount));
}

Array PatternSource::make(int index) const {
  return {{shape_.begin(), shape_.end()},
          synthesize(kind_, seed_, static_cast<uint64_t>(index), shape_)};
}

}  // namespace feat::hyperprior::train
