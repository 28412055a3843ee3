// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Mean magnitudes that a block's levels are expected to have: means of the bands over all channels,
// a factor for each channel, and each channel's own means as they become known.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/feature/image_blocks.h"

namespace feat::native {

// Channels further on share what is known with those before.
inline constexpr size_t kChannelSlots = 1024;
// Factors are fixed-point numbers.
inline constexpr int kFactorBits = 12;
// Magnitudes are looked at up to this one.
inline constexpr uint32_t kMagnitudeCap = 16383;

class ImageStatistics {
 public:
  explicit ImageStatistics(size_t channels);

  using BandValues = std::array<uint32_t, kBands>;
  // Of the bands that the block has, in 1/2^kMeanBits.
  void means(const BlockKind &kind, size_t channel, BandValues &means) const;
  // `sums`: of capped magnitudes.
  void add(const BlockKind &kind, size_t channel, const BandValues &sums);

  // In 1/2^kFactorBits.
  uint32_t factor(size_t channel) const { return factors_[channel % kChannelSlots].value; }

 private:
  // Sums with exponential forgetting, and their quotient.
  struct Running {
    uint64_t sum = 0;
    uint64_t weight = 0;
    uint32_t value = 0;
    void forget(uint64_t window) {
      if (weight <= window) return;
      sum = sum * ((window << 16) / weight) >> 16;
      weight = window;
    }
  };
  struct Own {
    uint64_t sum = 0;  // 1/2^kMeanBits
    uint32_t count = 0;
  };

  std::array<Running, kBands> bands_;
  std::vector<Running> factors_;
  std::vector<std::array<Own, kBands>> own_;
};

}  // namespace feat::native
