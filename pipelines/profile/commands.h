// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What feature-profile does. Each command throws Error with one sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codecs/feature/learn/profile_learner.h"

namespace feat::profile {

struct LearnCommand {
  std::vector<std::string> paths;
  std::string output;
  std::string name;    // empty: that of the output
  std::string origin;  // empty: number of features and their files
  std::optional<std::pair<float, float>> clip;
  uint32_t max_positions = native::kDefaultLearnPositions;
  bool no_positions = false;
  uint32_t components = 0;
  std::string weights;  // .npy file
  std::string report;   // folder
  int threads = 2;
};

void learn(const LearnCommand &command);
void show(const std::string &path, bool as_json);
void report(const std::string &path, const std::string &folder);

}  // namespace feat::profile
