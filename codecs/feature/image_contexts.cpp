// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_contexts.h"

#include <algorithm>

namespace feat::native {

namespace {

// The highest class of channels that has its own contexts.
constexpr size_t kMaxChannelClass = 31;

// Ratio of two channels' factors, at most 2, in 1/2^kFactorBits.
uint32_t ratio_of(uint32_t factor, uint32_t earlier) {
  return static_cast<uint32_t>(
      std::min<uint64_t>((uint64_t{factor} << kFactorBits) / earlier, 2U << kFactorBits));
}

}  // namespace

ImageContexts::ImageContexts(const BlockGrid &grid, size_t channels)
    : grid_(grid),
      statistics_(channels),
      channels_(channels),
      max_height_(std::max(grid.rows().front().size, grid.rows().back().size)),
      last_(max_height_ * grid.width() * channels),
      last_kinds_(grid.columns().size()) {}

uint16_t *ImageContexts::last(size_t column) {
  const Extent &extent = grid_.columns()[column];
  return last_.data() + max_height_ * (extent.first * channels_ + extent.size * channel_);
}

void ImageContexts::start_image() {
  std::fill(last_kinds_.begin(), last_kinds_.end(), nullptr);
}

void ImageContexts::start_bands() {
  constexpr uint32_t kOne = 1U << kMeanBits;
  const auto channel_class = static_cast<int>(std::min(channel_, kMaxChannelClass));
  ImageStatistics::BandValues means;
  statistics_.means(*kind_, channel_, means);
  for (const BlockKind::Band &b : kind_->bands) {
    Band &band = bands_[b.band];
    band.mean = means[b.band];
    const uint32_t biased = band.mean + BlockWalk::kBias;
    band.weight = std::min(biased, kOne);
    band.inverse = static_cast<uint32_t>((uint64_t{kOne} << kMeanBits) / std::max(biased, kOne));
    const int mean_class = mean_context(band.mean);
    band.tables[kMeanTable] = static_cast<uint16_t>(kTableStarts[kMeanTable] + mean_class);
    band.tables[kChannelTable] = static_cast<uint16_t>(
        kTableStarts[kChannelTable] + channel_class * 16 + std::min(mean_class / 4, 15));
  }
}

void ImageContexts::start(size_t row, size_t column, size_t channel) {
  kind_ = &grid_.kind(row, column);
  const BlockKind &kind = *kind_;
  const size_t size = kind.size();
  column_ = column;
  channel_ = channel;
  start_bands();

  // The same frequency in the blocks to the left and above. Blocks of other sizes have others.
  neighbours_.assign(size, 0);
  uint32_t missing = 2;
  const auto add = [&](size_t from, const BlockKind &other) {
    const uint16_t *magnitudes = last(from);
    --missing;
    if (&other == &kind) {
      uint32_t *const sums = neighbours_.data();
      for (size_t p = 0; p < size; ++p) sums[p] += magnitudes[p];
      return;
    }
    for (size_t y = 0; y < kind.height; ++y) {
      const size_t line = y * other.height / kind.height * other.width;
      for (size_t x = 0; x < kind.width; ++x)
        neighbours_[y * kind.width + x] += magnitudes[line + x * other.width / kind.width];
    }
  };
  if (column > 0) add(column - 1, grid_.kind(row, column - 1));
  // A row above in another job does not count: nothing was coded there since start_image().
  if (last_kinds_[column] != nullptr) add(column, *last_kinds_[column]);

  uint32_t near_ratio = 0;
  uint32_t far_ratio = 0;
  if (channel > 0) {
    const uint32_t own = statistics_.factor(channel);
    near_ratio = ratio_of(own, statistics_.factor(channel - 1));
    far_ratio = near_ratio;
    if (channel == 2) far_ratio = ratio_of(own, statistics_.factor(channel - 2));
    if (channel > 2) {
      far_ratio = std::min((ratio_of(own, statistics_.factor(channel - 2)) +
                            ratio_of(own, statistics_.factor(channel - 3))) /
                               2,
                           2U << kFactorBits);
    }
  }
  const uint16_t *const before = channel > 0 ? earlier(1).magnitudes.data() : nullptr;
  const uint16_t *const cross = channel > 0 ? earlier(1).crosses.data() : nullptr;
  const uint16_t *const second = channel > 1 ? earlier(2).magnitudes.data() : before;
  const uint16_t *const third = channel > 2 ? earlier(3).magnitudes.data() : second;

  fixed_.resize(size);
  around_.assign((kind.height + 2) * (kind.width + 2), 0);
  uint32_t denominator = BlockWalk::kStart;
  for (size_t k = 0; k < size; ++k) {
    Fixed &f = fixed_[k];
    const size_t p = kind.place[k];
    const Band &band = bands_[kind.band[k]];
    const uint32_t sixteenths = band.mean >> (kMeanBits - 4);
    const uint32_t units = band.mean >> (kMeanBits - kExpectedBits);
    f.place = kind.around[k];
    f.denominator = static_cast<uint8_t>(quarter_octave(denominator));
    denominator += band.weight - (denominator >> BlockWalk::kDecay);
    f.near = kind.outside[k] * sixteenths;
    f.expected = (3U + kind.outside[k] + kind.outside_far[k] + missing) * units +
                 (neighbours_[p] << kExpectedBits);
    uint32_t cross_sixteenths = 4 * sixteenths;
    uint32_t far_sixteenths = 2 * sixteenths;
    uint32_t before_sixteenths = 2 * sixteenths;
    if (channel > 0) {
      const uint32_t far = uint32_t{second[p]} + third[p];
      f.expected += 2 * near_ratio * before[p] + (3 * near_ratio * cross[p] >> 2) + far_ratio * far;
      cross_sixteenths = 32U * before[p] + 8U * cross[p];
      far_sixteenths = 16U * far;
      before_sixteenths = 32U * before[p];
    } else {
      f.expected += 7 * units;
    }
    f.cross =
        static_cast<uint16_t>(kTableStarts[kCrossTable] + near_context(cross_sixteenths) * 16);
    std::copy(band.tables.begin(), band.tables.end(), f.tables.begin());
    f.tables[kEarlierTable] =
        static_cast<uint16_t>(kTableStarts[kEarlierTable] + near_context(far_sixteenths) * 16 +
                              near_context(before_sixteenths));
  }
}

void ImageContexts::end(std::span<const int32_t> levels) {
  const BlockKind &kind = *kind_;
  uint16_t *magnitudes = last(column_);
  ImageStatistics::BandValues sums{};
  for (size_t k = 0; k < kind.size(); ++k) {
    const auto magnitude = static_cast<uint32_t>(levels[k] < 0 ? -levels[k] : levels[k]);
    const uint32_t capped = std::min(magnitude, kMagnitudeCap);
    magnitudes[kind.place[k]] = static_cast<uint16_t>(capped);
    sums[kind.band[k]] += capped;
  }
  statistics_.add(kind, channel_, sums);
  if (channel_ + 1 == channels_) {
    last_kinds_[column_] = kind_;
    return;
  }
  Plane &plane = planes_[channel_ % planes_.size()];
  plane.magnitudes.assign(magnitudes, magnitudes + kind.size());
  plane.crosses.resize(kind.size());
  const size_t width = kind.width;
  for (size_t y = 0; y < kind.height; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const size_t p = y * width + x;
      const uint32_t left = magnitudes[x > 0 ? p - 1 : p];
      const uint32_t right = magnitudes[x + 1 < width ? p + 1 : p];
      const uint32_t up = magnitudes[y > 0 ? p - width : p];
      const uint32_t down = magnitudes[y + 1 < kind.height ? p + width : p];
      plane.crosses[p] = static_cast<uint16_t>(std::min(left + right + up + down, 65535U));
    }
  }
}

}  // namespace feat::native
