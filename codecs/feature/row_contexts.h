// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The contexts of the levels of a row. A row holds one level for each component; rows come in
// coding order, and statistics of each component run over them (docs/feature-codec.md, "Contexts").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/level_model.h"

namespace feat::native {

// Running mean magnitude of each component, drawn towards a prior while few rows were seen.
class ComponentMeans {
 public:
  // `prior`: one mean for each component, or empty: the mean of all components is the prior.
  ComponentMeans(size_t components, std::span<const uint32_t> prior);

  // The means for the next row, in 1/2^kMeanBits: from kMinMean to kMaxMean.
  const std::vector<int32_t> &next();
  void add(std::span<const int32_t> levels);

 private:
  std::vector<int32_t> prior_;
  std::vector<int32_t> running_;
  std::vector<int32_t> means_;
  int32_t overall_;
  int rows_ = 0;
};

// What is fixed about a row before its first level is coded.
class RowContexts {
 public:
  // `before` and `above`: levels of earlier rows that are alike, or null.
  void start(std::span<const int32_t> means, const int32_t *before, const int32_t *above);

  size_t size() const { return fixed_.size(); }

  // Magnitudes in a row are compared with the means by two sums that decay along the row: of
  // magnitudes over means, and of ones; where a mean is below 1, of magnitudes and of means.
  static constexpr uint32_t kBias = 1311;  // 0.02, added to both
  static constexpr int kDecay = 5;         // by 1/32 a level
  static constexpr uint32_t kStartScale = 4U << kMeanBits;

  struct Fixed {
    uint32_t share;  // 1 / mean where that is below 1, in 1/2^kMeanBits
    uint8_t mean_class;
    uint8_t other_rows;  // near_context() of `before` and `above`
    uint8_t scale;       // quarter_octave() of what magnitudes are compared with
  };
  const Fixed *fixed() const { return fixed_.data(); }
  // The means of the first two components in sixteenths.
  const std::array<uint32_t, 2> &first() const { return first_; }

 private:
  std::array<uint32_t, 2> first_{};
  std::vector<Fixed> fixed_;
};

// Follows a row level by level.
class RowState {
 public:
  explicit RowState(const RowContexts &row) : row_(row.fixed()), first_(row.first()) {}

  LevelContext context(size_t k) const {
    const RowContexts::Fixed &fixed = row_[k];
    uint32_t near = last_ * 32 + before_last_ * 16;
    // Where levels are missing the mean takes their place.
    if (k < 2) near += k == 0 ? 3 * first_[0] : first_[1];
    const int ratio = quarter_octave(scale_) - fixed.scale + 12;
    LevelContext context;
    context.mean = fixed.mean_class;
    context.scale = static_cast<uint8_t>(ratio < 0                 ? 0
                                         : ratio >= kScaleContexts ? kScaleContexts - 1
                                                                   : ratio);
    context.near = static_cast<uint8_t>(kNearContexts * near_context(near) + fixed.other_rows);
    return context;
  }

  void add(size_t k, int32_t level) {
    const auto magnitude = static_cast<uint32_t>(level < 0 ? -level : level);
    before_last_ = last_;
    last_ = magnitude < kNearCap ? magnitude : kNearCap;
    const uint32_t capped = magnitude < kScaleCap ? magnitude : kScaleCap;
    const uint64_t biased = (capped << kMeanBits) + RowContexts::kBias;
    scale_ += static_cast<uint32_t>(biased * row_[k].share >> kMeanBits) -
              (scale_ >> RowContexts::kDecay);
  }

 private:
  static constexpr uint32_t kNearCap = 1 << 20;
  static constexpr uint32_t kScaleCap = 255;

  const RowContexts::Fixed *row_;
  std::array<uint32_t, 2> first_;
  uint32_t scale_ = RowContexts::kStartScale;
  uint32_t last_ = 0;
  uint32_t before_last_ = 0;
};

}  // namespace feat::native
