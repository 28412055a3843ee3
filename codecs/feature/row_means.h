// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Running means of many components at a time, for ComponentMeans. All numbers are from 0 to
// kMaxMean, shares in 1/65536; products are rounded down.
#pragma once

#include <cstdint>
#include <span>

namespace feat::native {

// Magnitudes count up to here.
inline constexpr int32_t kRowMagnitudeCap = 32767;

// `from`, moved towards `to` by a share of the distance. Its 64-bit product is taken apart, so that
// vectors of 32 bits do.
inline int32_t moved(int32_t from, int32_t to, uint32_t share) {
  const int32_t distance = to - from;
  const uint32_t high = static_cast<uint32_t>(distance >> 16) * share;
  const uint32_t low = (static_cast<uint32_t>(distance) & 0xFFFF) * share >> 16;
  return static_cast<int32_t>(static_cast<uint32_t>(from) + high + low);
}

// means[k] = running[k], moved towards prior[k], or towards prior[0] if there is but one; at least
// kMinMean.
void draw_means(std::span<const int32_t> running, std::span<const int32_t> prior, uint32_t share,
                int32_t *means);

// Moves each mean towards the magnitude of its level and returns the sum of the magnitudes.
uint64_t add_levels(std::span<const int32_t> levels, uint32_t share, int32_t *running);

namespace scalar {
void draw_means(std::span<const int32_t> running, std::span<const int32_t> prior, uint32_t share,
                int32_t *means);
uint64_t add_levels(std::span<const int32_t> levels, uint32_t share, int32_t *running);
}  // namespace scalar

}  // namespace feat::native
