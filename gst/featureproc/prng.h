// SPDX-License-Identifier: LGPL-2.1-or-later
// Random numbers that are the same on every machine: integers from SplitMix64 and xoshiro256**
// (both in the public domain by their authors), and deviates from them by exact arithmetic.
#ifndef GST_FEATUREPROC_PRNG_H
#define GST_FEATUREPROC_PRNG_H

#include <array>
#include <bit>
#include <cstdint>

namespace feat {

/// One step of SplitMix64 from `state`: also a good mixer of seeds.
inline uint64_t splitmix64(uint64_t *state) {
  *state += 0x9e3779b97f4a7c15;
  uint64_t z = *state;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

class Random {
 public:
  /// Streams of different (seed, stream) pairs are unrelated.
  Random(uint64_t seed, uint64_t stream) {
    uint64_t state = seed;
    state = splitmix64(&state) ^ stream;
    for (uint64_t &word : state_) word = splitmix64(&state);
  }

  uint64_t next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Uniform in 0 ... n - 1; n below 2^32.
  uint64_t below(uint64_t n) { return (next() >> 32) * n >> 32; }

  /// Nearly normal, mean 0, variance 1, within +-7.1: the number of ones among 48 bits, smoothed
  /// by a uniform deviate. It needs no logarithm, whose last bit differs between libraries.
  double normal() {
    const uint64_t bits = next();
    const double ones = static_cast<double>(std::popcount(bits >> 16)) - 24.0;
    const double smooth = static_cast<double>(2 * (bits & 0xffff) + 1) * 0x1p-17 - 0.5;
    constexpr double kInverseDeviation = 0.28767798089123053;  // (12 + 1/12)^-1/2
    return (ones + smooth) * kInverseDeviation;
  }

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace feat

#endif  // GST_FEATUREPROC_PRNG_H
