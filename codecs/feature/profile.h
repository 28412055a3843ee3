// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A profile: what was learned about one kind of feature. It is a file of its own, and each unit
// that was coded with it names it by hash. The format: docs/feature-codec.md, "Profiles".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/feature/feature_codec.h"

namespace feat::native {

inline constexpr uint32_t kMaxProfileChannels = 16384;
inline constexpr uint32_t kMaxProfilePositions = 65536;
inline constexpr uint32_t kMaxProfileCodes = 65536;
inline constexpr uint64_t kMaxProfilePositionMeans = uint64_t{1} << 26;  // positions * components
inline constexpr uint32_t kMaxProfileText = 65535;  // bytes of name and of origin, each

// The contents. Rows of a feature (tokens) are vectors x of `channels` values; component k of row
// number i is
//   y[k] = sum_c basis[k][c] * weights[c] * (x[c] - mean[c])  -  position_means[i][k]
struct ProfileData {
  std::string name;    // which feature, for people: "SmolLM2-135M, layer 30"
  std::string origin;  // what it was learned from, and how
  uint32_t channels = 0;
  uint32_t components = 0;          // at most channels; by falling deviation
  std::vector<float> mean;          // channels
  std::vector<float> weights;       // channels, above 0; empty: all 1. Task-aware profiles only.
  std::vector<float> basis;         // components x channels, orthonormal rows
  std::vector<float> deviations;    // components: root mean square of y[k]
  std::vector<float> correlations;  // components: of y[k] with that of the row before, -1 to 1
  // The first `positions` rows of a feature have means of their own, behind the basis: position
  // embeddings and special tokens. Row i takes number i; rows behind the last one have none.
  uint32_t positions = 0;
  std::vector<float> position_means;  // positions x components
};

class Profile {
 public:
  // Reads a profile file. Sizes are checked before anything is allocated.
  static Status parse(std::span<const uint8_t> file, std::shared_ptr<const Profile> &profile);
  // Writes one. Parsing gives back what was written; of the numbers, basis (error of a vector about
  // -40 dB), correlations (1/128) and means of positions (1/16 of the component's deviation) are
  // rounded.
  static Status write(const ProfileData &data, std::vector<uint8_t> &file);

  // XXH3 (64 bits) of the file.
  ProfileHash hash() const { return hash_; }
  uint32_t id() const { return static_cast<uint32_t>(hash_ >> 32); }
  const ProfileData &data() const { return data_; }

 private:
  ProfileHash hash_ = 0;
  ProfileData data_;
};

}  // namespace feat::native
