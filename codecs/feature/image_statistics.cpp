// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_statistics.h"

#include <algorithm>

#include "codecs/feature/level_model.h"

namespace feat::native {

namespace {

constexpr uint32_t kFirstMean = 19661;  // 0.3
constexpr uint64_t kBandWindow = uint64_t{256} << kFactorBits;
constexpr uint64_t kFactorWindow = uint64_t{1024} << kMeanBits;
constexpr uint32_t kMinFactor = 41;  // 0.01
constexpr uint32_t kMaxFactor = 1 << 20;
// A channel's own mean counts as often as it has seen levels, up to kOwnWindow; the common one
// counts as often as kCommonCount levels.
constexpr uint32_t kOwnWindow = 64;
constexpr uint32_t kCommonCount = 32;

}  // namespace

ImageStatistics::ImageStatistics(size_t channels)
    : factors_(std::min(channels, kChannelSlots)), own_(factors_.size()) {
  constexpr uint64_t kOne = uint64_t{1} << kFactorBits;
  for (Running &band : bands_) band = {2 * kFirstMean, 2 * kOne, kFirstMean};
  for (Running &f : factors_) f = {uint64_t{8} << kMeanBits, uint64_t{8} << kMeanBits, kOne};
}

void ImageStatistics::means(const BlockKind &kind, size_t channel, BandValues &means) const {
  const size_t slot = channel % kChannelSlots;
  for (const BlockKind::Band &b : kind.bands) {
    const uint64_t common = uint64_t{bands_[b.band].value} * factors_[slot].value >> kFactorBits;
    const Own &own = own_[slot][b.band];
    const uint64_t mean = (common * kCommonCount + own.sum) / (kCommonCount + own.count);
    means[b.band] = static_cast<uint32_t>(
        std::clamp<uint64_t>(mean, kMinMean, uint64_t{kMagnitudeCap} << kMeanBits));
  }
}

void ImageStatistics::add(const BlockKind &kind, size_t channel, const BandValues &sums) {
  const size_t slot = channel % kChannelSlots;
  Running &channel_factor = factors_[slot];
  for (const BlockKind::Band &b : kind.bands) {
    const uint64_t sum = uint64_t{sums[b.band]} << kMeanBits;
    Running &band = bands_[b.band];
    channel_factor.sum += sum;
    channel_factor.weight += uint64_t{b.count} * band.value;
    band.sum += sum;
    band.weight += uint64_t{b.count} * channel_factor.value;
    band.value = static_cast<uint32_t>(std::clamp<uint64_t>(
        (band.sum << kFactorBits) / band.weight, kMinMean, uint64_t{kMagnitudeCap} << kMeanBits));
    band.forget(kBandWindow);
    Own &own = own_[slot][b.band];
    own.sum += sum;
    own.count += b.count;
    if (own.count > kOwnWindow) {
      own.sum = own.sum * kOwnWindow / own.count;
      own.count = kOwnWindow;
    }
  }
  channel_factor.value = static_cast<uint32_t>(std::clamp<uint64_t>(
      (channel_factor.sum << kFactorBits) / channel_factor.weight, kMinFactor, kMaxFactor));
  channel_factor.forget(kFactorWindow);
}

}  // namespace feat::native
