// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rotations of channels as lists of quantised angles (docs/feature-codec.md, "Images").
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/feature/range_coder.h"

namespace feat::native {

// Frequencies are rotated in two halves, split at half of the highest sum of frequencies.
inline constexpr size_t kRotations = 2;
inline constexpr size_t kMaxRotatedChannels = 64;
inline constexpr int kMinAngleBits = 2;
inline constexpr int kMaxAngleBits = 9;

// Angles of index * pi / 2^bits in the order in which an orthonormal matrix is taken apart: for
// each column the rows below the diagonal from the last one up. No bits: no rotation.
struct Angles {
  int bits = 0;
  std::vector<int32_t> indices;
};

inline size_t angle_count(size_t channels) {
  return channels * (channels - 1) / 2;
}

// The angles nearest to a matrix whose columns are orthonormal, apart from signs of its columns.
Angles quantise_rotation(std::vector<double> matrix, size_t channels, int bits);

// The orthonormal matrix that the angles stand for, row by row: its product with a vector of
// channels gives components.
std::vector<float> rotation_of(const Angles &angles, size_t channels);

// Turns `size` vectors of channels, channels[c * stride + i], in place.
void rotate(const std::vector<float> &rotation, size_t channels, size_t stride, size_t size,
            float *values);

std::vector<float> inverse_of(const std::vector<float> &rotation, size_t channels);

// Of an angle at 2^bits to a half turn, behind `merged` others of its column: the larger that is,
// the smaller are angles. Chances of being larger than 0, and of being larger than each further
// magnitude that it reaches.
struct AngleChances {
  AngleChances(int bits, size_t merged)
      : any((2U << bits << kProbabilityBits) / ((2U << bits) + 4 + static_cast<uint32_t>(merged))),
        more((1U << bits << kProbabilityBits) /
             ((1U << bits) + 4 + static_cast<uint32_t>(merged))) {}
  uint32_t any;
  uint32_t more;
};

// Calls each(chances, index) for all angles, column by column.
template <class Each>
void each_angle(size_t channels, int bits, std::vector<int32_t> &indices, Each &&each) {
  size_t next = 0;
  for (size_t column = 0; column + 1 < channels; ++column) {
    for (size_t merged = 0; column + merged + 1 < channels; ++merged)
      each(AngleChances(bits, merged), indices[next++]);
  }
}

template <class Bits>
void code_angles(Bits &bits, size_t channels, Angles &angles) {
  const bool used = bits.raw(angles.bits > 0 ? 1 : 0, 1) != 0;
  if (!used) {
    angles.bits = 0;
    return;
  }
  angles.bits = kMinAngleBits +
                static_cast<int>(bits.raw(static_cast<uint32_t>(angles.bits - kMinAngleBits), 3));
  angles.indices.resize(angle_count(channels));
  const int32_t limit = 1 << (angles.bits - 1);
  each_angle(channels, angles.bits, angles.indices,
             [&](const AngleChances &chances, int32_t &index) {
               const int32_t wanted = index < 0 ? -index : index;
               int32_t magnitude = 0;
               while (magnitude < limit &&
                      bits.code(magnitude == 0 ? chances.any : chances.more, wanted > magnitude))
                 ++magnitude;
               const bool negative = magnitude != 0 && bits.raw(index < 0 ? 1 : 0, 1) != 0;
               index = negative ? -magnitude : magnitude;
             });
}

// What the angles take in bits, about.
double cost_of(const Angles &angles, size_t channels);

}  // namespace feat::native
