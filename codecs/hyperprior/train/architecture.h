// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The networks that can be trained, and what they are before the first step.
#pragma once

#include <string>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior::train {

// Channels; 0 is what the architecture has.
struct Widths {
  int latents = 0;
  int hyper_latents = 0;
  int inner = 0;
};

// "default" or "reference", docs/hyperprior-training.md. Throws Error.
ModelDescription describe(const std::string &architecture, const Widths &widths);

// What is trained, on the CPU:
//   weights and biases of convolutions under their names,
//   NAME.beta and NAME.gamma as non_negative.h stores them,
//   "gains", the logarithms of the model's gains, where it has steps,
//   "prior...", the factorised prior of z (rate_model.h).
Weights initial_weights(const ModelDescription &model, uint64_t seed);

// The same with beta and gamma as the networks take them. Can be differentiated.
Weights effective_weights(const ModelDescription &model, const Weights &trained);

inline constexpr const char *kPrior = "prior";
inline constexpr const char *kGains = "gains";

}  // namespace feat::hyperprior::train
