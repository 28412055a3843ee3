// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace feat::hyperprior::train {

// Numbers that depend on the seed and the step alone (SplitMix64), so that a training that goes on
// draws what an uninterrupted one would have drawn, without a state to keep.
class Random {
 public:
  Random(uint64_t seed, uint64_t step) : state_(seed * 0xd1342543de82ef95 + step) { next(); }

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // 0 to count - 1.
  int below(int count) { return static_cast<int>(unit() * count); }

 private:
  uint64_t state_;
};

}  // namespace feat::hyperprior::train
