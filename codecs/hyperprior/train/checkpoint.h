// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The file that a training goes on from.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "codecs/hyperprior/networks.h"
#include "codecs/hyperprior/train/plateau.h"

namespace feat::hyperprior::train {

struct Checkpoint {
  // What must not change, by the names of the options.
  std::map<std::string, std::string> settings;
  uint64_t step = 0;             // steps taken
  uint64_t optimizer_steps = 0;  // without those left out because a gradient was not finite
  double seconds = 0;
  std::string origin;  // of the model, but for steps and minutes
  Plateau plateau;
  Weights tensors;  // what is trained, and moments (adam.h); float32, on the CPU
};

// Replaces the file when everything is written. Both throw Error.
void write_checkpoint(const std::string &path, const Checkpoint &checkpoint);
Checkpoint read_checkpoint(const std::string &path);

}  // namespace feat::hyperprior::train
