// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Learns a profile from features, one after the other: sums are kept, never the features. How:
// docs/feature-codec.md, "Learning a profile".
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/learn/learn_report.h"
#include "codecs/feature/profile.h"

namespace feat::native {

// More would take hours and many gigabytes.
inline constexpr uint32_t kMaxLearnChannels = 8192;
inline constexpr uint32_t kDefaultLearnPositions = 2048;

struct LearnOptions {
  std::string name;
  std::string origin;
  // Values are clipped to this range, as they will be where the profile is used.
  float clip_min = -std::numeric_limits<float>::infinity();
  float clip_max = std::numeric_limits<float>::infinity();
  // Rows of a feature that may get means of their own; 0: none. They are kept where they pay.
  uint32_t max_positions = kDefaultLearnPositions;
  uint32_t components = 0;     // those with the largest deviations; 0: as many as channels
  std::vector<float> weights;  // one for each channel, above 0; empty: all 1
  int threads = 2;             // 1: the caller's alone
};

class ProfileLearner {
 public:
  explicit ProfileLearner(LearnOptions options);
  ~ProfileLearner();
  ProfileLearner(const ProfileLearner &) = delete;
  ProfileLearner &operator=(const ProfileLearner &) = delete;

  // Takes one feature: rows of as many values as its last dimension, whatever the others are.
  // An error leaves the learner as it was.
  Status add(const TensorInfo &tensor, std::span<const uint8_t> data);
  // The same for values that are there already; `values` has a multiple of `channels`.
  Status add_rows(std::span<const float> values, uint32_t channels);

  uint64_t features() const;
  uint64_t rows() const;
  uint32_t channels() const;  // 0 before the first feature

  // Makes the profile of everything that was added. Takes a second for 512 channels, minutes for
  // 4096. The learner is empty afterwards.
  Status finish(ProfileData &profile, LearnReport &report);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace feat::native
