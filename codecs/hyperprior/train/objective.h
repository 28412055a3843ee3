// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What planes cost and how much they lose on the way through the networks.
#pragma once

#include <ATen/core/Tensor.h>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior::train {

struct Batch {
  at::Tensor planes;         // [batch, 1, height, width]
  at::Tensor error_weights;  // of squared errors, [batch, 1, 1, width]; undefined: 1
  at::Tensor steps;          // [batch] step sizes, of models that have them
};

enum class Quantisation {
  kNoise,  // what a training can follow: noise for rates, rounding that gradients pass through
  kRounded,
};

// Of each plane: [batch].
struct Outcome {
  at::Tensor y_rate;      // bits a point
  at::Tensor z_rate;      // bits a point
  at::Tensor distortion;  // mean (weighted) squared error
};

struct ForwardOptions {
  Quantisation quantisation = Quantisation::kNoise;
  bool mixed = false;  // bfloat16 inside of residual blocks and in the hyper-analysis
};

Outcome forward(const ModelDescription &model, const Weights &trained, const Batch &batch,
                const ForwardOptions &options);

// Logarithms of gains for step sizes, [batch, latents, 1, 1]: `gains` are those at the model's.
at::Tensor log_gains(const ModelDescription &model, const at::Tensor &gains,
                     const at::Tensor &steps);

// Latents of planes and what is predicted of them, all but z [batch, latents, height, width].
struct PredictedLatents {
  at::Tensor y;           // after gains, not rounded
  at::Tensor z;           // rounded hyper-latents
  at::Tensor deviations;  // of y, at least kScaleBound where a likelihood is taken of them
  at::Tensor means;       // of y; undefined: 0
};

PredictedLatents predict_latents(const ModelDescription &model, const Weights &trained,
                                 const Batch &batch);

// Rounded hyper-latents of planes: [batch, hyper_latents, height, width].
at::Tensor rounded_hyper_latents(const ModelDescription &model, const Weights &trained,
                                 const Batch &batch);

// Rate and distortion in one number for each plane.
class Objective {
 public:
  // A Lagrangian for models of one rate: lambda times the distortion.
  explicit Objective(double lambda) : lambda_(lambda) {}
  // Models of many rates: lambda follows from the step size, as with a uniform quantiser of a high
  // rate, where a small change of the step moves rate and distortion by
  // d rate / d step = -1 / (step ln 2) and d distortion / d step = step / 6.
  Objective() = default;

  // Rate + lambda * distortion. With many rates it is divided by about what comes out at that step
  // size: otherwise fine steps, which cost twenty times as much as coarse ones, would be all that
  // counts.
  at::Tensor losses(const Batch &batch, const Outcome &outcome) const;

 private:
  double lambda_ = 0;
};

}  // namespace feat::hyperprior::train
