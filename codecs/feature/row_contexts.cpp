// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/row_contexts.h"

#include <algorithm>
#include <array>

namespace feat::native {

namespace {

constexpr int kPriorRows = 8;       // the prior counts as so many rows
constexpr int kWindow = 64;         // a row's weight in the running mean is at least 1 / kWindow
constexpr uint32_t kStart = 19661;  // 0.3
constexpr int32_t kMagnitudeCap = 32767;
constexpr uint32_t kOtherRowsCap = 1 << 20;

// 65536 * kPriorRows / (kPriorRows + n)
constexpr std::array<uint32_t, kWindow + 1> make_prior_shares() {
  std::array<uint32_t, kWindow + 1> shares{};
  for (uint32_t n = 0; n <= kWindow; ++n) shares[n] = 65536U * kPriorRows / (kPriorRows + n);
  return shares;
}
constexpr std::array<uint32_t, kWindow + 1> kPriorShares = make_prior_shares();

uint32_t moved(uint32_t from, uint32_t to, uint32_t share) {
  const int64_t distance = static_cast<int64_t>(to) - from;
  return static_cast<uint32_t>(from + (distance * share >> 16));
}

uint32_t capped(int32_t level) {
  return static_cast<uint32_t>(std::min(level < 0 ? -level : level, kMagnitudeCap));
}

}  // namespace

ComponentMeans::ComponentMeans(size_t components, std::span<const uint32_t> prior)
    : prior_(prior.begin(), prior.end()),
      running_(components),
      means_(components),
      overall_(kStart) {}

const std::vector<uint32_t> &ComponentMeans::next() {
  const uint32_t share = kPriorShares[static_cast<size_t>(std::min(rows_, kWindow))];
  for (size_t k = 0; k < means_.size(); ++k) {
    const uint32_t prior = prior_.empty() ? overall_ : prior_[k];
    means_[k] = std::max(moved(running_[k], prior, share), kMinMean);
  }
  return means_;
}

void ComponentMeans::add(std::span<const int32_t> levels) {
  if (levels.empty()) return;
  const auto share = static_cast<uint32_t>(65536 / std::min(rows_ + 1, kWindow));
  uint64_t sum = 0;
  for (size_t k = 0; k < levels.size(); ++k) {
    const uint32_t magnitude = capped(levels[k]);
    sum += magnitude;
    running_[k] = moved(running_[k], magnitude << kMeanBits, share);
  }
  overall_ = moved(overall_, static_cast<uint32_t>((sum << kMeanBits) / levels.size()), share);
  ++rows_;
}

void RowContexts::start(std::span<const uint32_t> means, const int32_t *before,
                        const int32_t *above) {
  fixed_.resize(means.size());
  uint32_t scale = kStartScale;
  for (size_t k = 0; k < means.size(); ++k) {
    const uint32_t mean = means[k];
    const uint32_t default_magnitude = mean >> (kMeanBits - 4);
    const auto sixteenths = [&](const int32_t *levels, uint32_t weight) {
      if (levels == nullptr) return weight * default_magnitude / 16;
      return weight * std::min(static_cast<uint32_t>(std::abs(levels[k])), kOtherRowsCap);
    };
    constexpr uint32_t kOne = 1U << kMeanBits;
    const uint32_t biased = mean + kBias;
    fixed_[k] = {default_magnitude, biased > kOne ? 0xFFFFFFFFU / biased : kOne,
                 static_cast<uint8_t>(mean_context(mean)),
                 static_cast<uint8_t>(near_context(sixteenths(before, 21) + sixteenths(above, 11))),
                 static_cast<uint8_t>(quarter_octave(scale))};
    scale += std::min(biased, kOne) - (scale >> kDecay);
  }
}

}  // namespace feat::native
