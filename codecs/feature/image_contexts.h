// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The contexts of the levels of one block in one channel, from levels that were coded before: of
// the channels before, of the blocks around, and of the block itself (docs/feature-codec.md,
// "Images").
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/image_blocks.h"
#include "codecs/feature/image_model.h"
#include "codecs/feature/image_statistics.h"

namespace feat::native {

class ImageContexts {
 public:
  ImageContexts(const BlockGrid &grid, size_t channels);

  // Forgets the levels, not the statistics.
  void start_image();
  void start(size_t row, size_t column, size_t channel);
  void end(std::span<const int32_t> levels);

  const BlockKind &kind() const { return *kind_; }

  // What is known of a level before the block's first one.
  struct Fixed {
    uint32_t expected;    // sum of weighted magnitudes, in 1/2^kExpectedBits
    uint32_t near;        // the same for neighbours that are outside of the block, in 1/16
    uint16_t place;       // among the block's magnitudes
    uint16_t cross;       // context of kCrossTable
    uint8_t denominator;  // quarter octaves of what magnitudes so far were expected to be
    std::array<uint16_t, kFixedTables> tables;
  };
  static constexpr int kExpectedBits = 12;
  const std::vector<Fixed> &fixed() const { return fixed_; }

  // What the frequencies of a band have in common.
  struct Band {
    uint32_t mean;                   // mean magnitude, 1/2^kMeanBits
    uint32_t weight;                 // the same, at most 1
    uint32_t inverse;                // of a mean above 1, 1/2^kMeanBits
    std::array<uint16_t, 2> tables;  // contexts of the first two tables
  };
  const Band &band(size_t k) const { return bands_[kind_->band[k]]; }

  // Magnitudes of the block, two columns to the left and two rows above included; for BlockWalk.
  uint16_t *around() { return around_.data(); }
  size_t stride() const { return kind_->width + 2; }

 private:
  void start_bands();

  struct Plane {
    std::vector<uint16_t> magnitudes;  // by place
    std::vector<uint16_t> crosses;     // sums of the four around each
  };
  const Plane &earlier(size_t channels) const {
    return planes_[(channel_ - channels) % planes_.size()];
  }

  uint16_t *last(size_t column);

  const BlockGrid &grid_;
  ImageStatistics statistics_;
  std::array<Band, kBands> bands_{};
  const BlockKind *kind_ = nullptr;
  size_t column_ = 0;
  size_t channel_ = 0;
  const size_t channels_;
  const size_t max_height_;     // of a block
  std::vector<uint16_t> last_;  // magnitudes of the last block by column of blocks and channel
  std::vector<const BlockKind *> last_kinds_;  // by column of blocks; null: none yet
  std::array<Plane, 4> planes_;                // of the last channels
  std::vector<uint32_t> neighbours_;
  std::vector<Fixed> fixed_;
  std::vector<uint16_t> around_;
};

// Follows a block level by level.
class BlockWalk {
 public:
  explicit BlockWalk(ImageContexts &contexts)
      : contexts_(contexts), around_(contexts.around()), stride_(contexts.stride()) {}

  ImageContext context(size_t k) const {
    const ImageContexts::Fixed &fixed = contexts_.fixed()[k];
    const uint16_t *at = around_ + fixed.place;
    const uint32_t close = 2U * at[-1] + 2U * *(at - stride_) + *(at - stride_ - 1);
    const uint32_t far = uint32_t{at[-2]} + *(at - 2 * stride_);
    const uint32_t expected = fixed.expected + ((close + far) << ImageContexts::kExpectedBits);
    // Quarter octaves; class 0: an expected magnitude of 2^-9.
    const int local = std::clamp(quarter_octave(expected) - 29, 0, kTableSizes[kLocalTable] - 1);
    const int ratio = std::clamp(quarter_octave(numerator_) - fixed.denominator + 8, 0, 15);
    ImageContext context;
    std::copy(fixed.tables.begin(), fixed.tables.end(), context.begin());
    context[kLocalTable] = static_cast<uint16_t>(kTableStarts[kLocalTable] + local);
    context[kRatioTable] =
        static_cast<uint16_t>(kTableStarts[kRatioTable] + local / 4 * 16 + ratio);
    context[kCrossTable] =
        static_cast<uint16_t>(fixed.cross + near_context(fixed.near + 16 * close));
    return context;
  }

  void add(size_t k, int32_t level) {
    const ImageContexts::Fixed &fixed = contexts_.fixed()[k];
    const auto magnitude = static_cast<uint32_t>(level < 0 ? -level : level);
    const uint32_t capped = magnitude < kMagnitudeCap ? magnitude : kMagnitudeCap;
    around_[fixed.place] = static_cast<uint16_t>(capped);
    // Magnitudes over means, weighted by the means where these are below 1.
    const ImageContexts::Band &band = contexts_.band(k);
    const uint32_t share = ((capped < kScaleCap ? capped : kScaleCap) << kMeanBits) + kBias;
    numerator_ +=
        static_cast<uint32_t>(uint64_t{share} * band.inverse >> kMeanBits) - (numerator_ >> kDecay);
  }

  // How the ratio of magnitudes to means begins and how fast it forgets.
  static constexpr uint32_t kBias = 1311;  // 0.02
  static constexpr uint32_t kStart = 4U << kMeanBits;
  static constexpr int kDecay = 5;

 private:
  static constexpr uint32_t kScaleCap = 255;

  ImageContexts &contexts_;
  uint16_t *const around_;
  const size_t stride_;
  uint32_t numerator_ = kStart;
};

}  // namespace feat::native
