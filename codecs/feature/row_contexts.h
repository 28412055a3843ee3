// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The contexts of the levels of a row. A row holds one level for each component; rows come in
// coding order, and statistics of each component run over them (docs/feature-codec.md, "Contexts").
#pragma once

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

  // The means for the next row, in 1/2^kMeanBits.
  const std::vector<uint32_t> &next();
  void add(std::span<const int32_t> levels);

 private:
  std::vector<uint32_t> prior_;
  std::vector<uint32_t> running_;
  std::vector<uint32_t> means_;
  uint32_t overall_;
  int rows_ = 0;
};

// What is fixed about a row before its first level is coded.
class RowContexts {
 public:
  // `before` and `above`: levels of earlier rows that are alike, or null.
  void start(std::span<const uint32_t> means, const int32_t *before, const int32_t *above);

  size_t size() const { return fixed_.size(); }

  // Magnitudes in a row are compared with the means by two sums that decay along the row: of
  // magnitudes over means, and of ones; where a mean is below 1, of magnitudes and of means.
  static constexpr uint32_t kBias = 1311;  // 0.02, added to both
  static constexpr int kDecay = 5;         // by 1/32 a level
  static constexpr uint32_t kStartScale = 4U << kMeanBits;

  struct Fixed {
    uint32_t default_magnitude;  // the mean in sixteenths
    uint32_t share;              // 1 / mean where that is below 1, in 1/2^kMeanBits
    uint8_t mean_class;
    uint8_t other_rows;  // near_context() of `before` and `above`
    uint8_t scale;       // quarter_octave() of what magnitudes are compared with
  };
  const Fixed &operator[](size_t k) const { return fixed_[k]; }

 private:
  std::vector<Fixed> fixed_;
};

// Follows a row level by level.
class RowState {
 public:
  explicit RowState(const RowContexts &row) : row_(row.size() > 0 ? &row[0] : nullptr) {}

  LevelContext context(size_t k) const {
    const RowContexts::Fixed &fixed = row_[k];
    const uint32_t near = (k >= 1 ? last_ * 32 : fixed.default_magnitude * 2) +
                          (k >= 2 ? before_last_ * 16 : fixed.default_magnitude);
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
  uint32_t scale_ = RowContexts::kStartScale;
  uint32_t last_ = 0;
  uint32_t before_last_ = 0;
};

}  // namespace feat::native
