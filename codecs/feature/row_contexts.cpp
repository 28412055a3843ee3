// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/row_contexts.h"

#include <algorithm>
#include <array>

#include "codecs/feature/row_means.h"

namespace feat::native {

namespace {

constexpr int kPriorRows = 8;      // the prior counts as so many rows
constexpr int kWindow = 64;        // a row's weight in the running mean is at least 1 / kWindow
constexpr int32_t kStart = 19661;  // 0.3
constexpr uint32_t kOtherRowsCap = 1 << 20;

// 65536 * kPriorRows / (kPriorRows + n)
constexpr std::array<uint32_t, kWindow + 1> make_prior_shares() {
  std::array<uint32_t, kWindow + 1> shares{};
  for (uint32_t n = 0; n <= kWindow; ++n) shares[n] = 65536U * kPriorRows / (kPriorRows + n);
  return shares;
}
constexpr std::array<uint32_t, kWindow + 1> kPriorShares = make_prior_shares();

// A mean in sixteenths.
uint32_t default_of(int32_t mean) {
  return static_cast<uint32_t>(mean) >> (kMeanBits - 4);
}

}  // namespace

ComponentMeans::ComponentMeans(size_t components, std::span<const uint32_t> prior)
    : prior_(prior.begin(), prior.end()),
      running_(components),
      means_(components),
      overall_(kStart) {}

const std::vector<int32_t> &ComponentMeans::next() {
  const uint32_t share = kPriorShares[static_cast<size_t>(std::min(rows_, kWindow))];
  draw_means(running_, prior_.empty() ? std::span(&overall_, 1) : std::span(prior_), share,
             means_.data());
  return means_;
}

void ComponentMeans::add(std::span<const int32_t> levels) {
  if (levels.empty()) return;
  const auto share = static_cast<uint32_t>(65536 / std::min(rows_ + 1, kWindow));
  const uint64_t sum = add_levels(levels, share, running_.data());
  overall_ = moved(overall_, static_cast<int32_t>((sum << kMeanBits) / levels.size()), share);
  ++rows_;
}

void RowContexts::start(std::span<const int32_t> means, const int32_t *before,
                        const int32_t *above) {
  fixed_.resize(means.size());
  for (size_t k = 0; k < first_.size() && k < means.size(); ++k) first_[k] = default_of(means[k]);
  uint32_t scale = kStartScale;
  for (size_t k = 0; k < means.size(); ++k) {
    const auto mean = static_cast<uint32_t>(means[k]);
    const uint32_t default_magnitude = default_of(means[k]);
    const auto sixteenths = [&](const int32_t *levels, uint32_t weight) {
      if (levels == nullptr) return weight * default_magnitude / 16;
      return weight * std::min(static_cast<uint32_t>(std::abs(levels[k])), kOtherRowsCap);
    };
    constexpr uint32_t kOne = 1U << kMeanBits;
    const uint32_t biased = mean + kBias;
    fixed_[k] = {biased > kOne ? 0xFFFFFFFFU / biased : kOne,
                 static_cast<uint8_t>(mean_context(mean)),
                 static_cast<uint8_t>(near_context(sixteenths(before, 21) + sixteenths(above, 11))),
                 static_cast<uint8_t>(quarter_octave(scale))};
    scale += std::min(biased, kOne) - (scale >> kDecay);
  }
}

}  // namespace feat::native
