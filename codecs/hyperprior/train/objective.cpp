// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/objective.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/rand_like.h>
#include <ATen/ops/round.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "codecs/hyperprior/export.h"
#include "codecs/hyperprior/integer_network.h"
#include "codecs/hyperprior/rate_model.h"
#include "codecs/hyperprior/train/architecture.h"
#include "codecs/hyperprior/train/mixed_precision.h"

namespace feat::hyperprior::train {

namespace {

at::Tensor with_noise(const at::Tensor &x) {
  return x + (at::rand_like(x) - 0.5);
}

// Rounded, with the gradient of x.
at::Tensor rounded(const at::Tensor &x) {
  return x + (at::round(x) - x).detach();
}

struct Scales {
  at::Tensor deviations;
  at::Tensor means;  // undefined: 0
};

Scales read_scales(const ModelDescription &model, const at::Tensor &output) {
  Scales scales;
  at::Tensor first = output;
  if (model.means) {
    first = output.narrow(1, 0, model.latents);
    scales.means = output.narrow(1, model.latents, model.latents);
  }
  if (model.scale_places) {
    const std::vector<double> table = scale_table();
    const double last = static_cast<double>(table.size()) - 1;
    const at::Tensor places = -lower_bound(-lower_bound(first, 0), -last);
    first =
        at::exp(places * (std::log(table.back() / table.front()) / last) + std::log(table.front()));
  }
  scales.deviations = first;
  return scales;
}

at::Tensor bits_a_point(const at::Tensor &likelihood, double points) {
  return at::log2(likelihood).sum({1, 2, 3}) * (-1 / points);
}

struct Latents {
  at::Tensor gains;  // undefined: 1
  at::Tensor y;      // after gains
  at::Tensor z;
};

Latents analyse(const ModelDescription &model, const Weights &w, const Batch &batch, bool mixed) {
  Latents l;
  l.y = run_mixed(model.analysis, w, batch.planes, mixed);
  if (!model.steps.empty()) {
    l.gains = at::exp(log_gains(model, w.at(kGains), batch.steps));
    l.y = l.y * l.gains;
  }
  // What the hyper-synthesis in integers takes.
  l.z = at::clamp(run_mixed_all(model.hyper_analysis, w, l.y, mixed), -kMaxHyperLatent,
                  kMaxHyperLatent);
  return l;
}

}  // namespace

at::Tensor log_gains(const ModelDescription &model, const at::Tensor &gains,
                     const at::Tensor &steps) {
  // A place between the rows of `gains`, by the logarithms of the steps, which ascend.
  at::Tensor result;
  const at::Tensor log_step = at::log(steps).unsqueeze(1);
  for (size_t i = 0; i + 1 < model.steps.size(); ++i) {
    const double low = std::log(double{model.steps[i]});
    const double high = std::log(double{model.steps[i + 1]});
    const at::Tensor share = at::clamp((log_step - low) / (high - low), 0, 1);
    const auto row = static_cast<int64_t>(i);
    const at::Tensor rise = (gains.select(0, row + 1) - gains.select(0, row)).unsqueeze(0) * share;
    result = result.defined() ? result + rise : gains.select(0, 0).unsqueeze(0) + rise;
  }
  if (!result.defined()) result = gains.select(0, 0).unsqueeze(0).expand({steps.size(0), -1});
  return result.unsqueeze(2).unsqueeze(3);
}

Outcome forward(const ModelDescription &model, const Weights &trained, const Batch &batch,
                const ForwardOptions &options) {
  const Weights w = effective_weights(model, trained);
  const bool noise = options.quantisation == Quantisation::kNoise;
  // The paper's model sees noise everywhere while it is trained.
  const bool noise_only = noise && model.input == Input::kUnitRange;
  const double points = static_cast<double>(batch.planes.size(2) * batch.planes.size(3));

  const Latents l = analyse(model, w, batch, options.mixed);
  const at::Tensor z_coded = noise ? with_noise(l.z) : at::round(l.z);
  const at::Tensor z_decoded = noise_only ? z_coded : rounded(l.z);
  const Scales scales = read_scales(model, run(model.hyper_synthesis, w, z_decoded));

  const at::Tensor residual = scales.means.defined() ? l.y - scales.means : l.y;
  const at::Tensor coded = noise ? with_noise(residual) : at::round(residual);
  at::Tensor y_decoded = noise_only ? coded : rounded(residual);
  if (scales.means.defined()) y_decoded = y_decoded + scales.means;
  if (l.gains.defined()) y_decoded = y_decoded / l.gains;
  at::Tensor plane = run_mixed(model.synthesis, w, y_decoded, options.mixed);
  if (!noise && model.input == Input::kUnitRange) plane = at::clamp(plane, 0, 1);

  Outcome outcome;
  outcome.y_rate = bits_a_point(gaussian_likelihood(coded, scales.deviations, {}), points);
  outcome.z_rate = bits_a_point(factorized_likelihood(w, kPrior, z_coded), points);
  const at::Tensor error = plane - batch.planes;
  at::Tensor squares = error * error;
  if (batch.error_weights.defined()) squares = squares * batch.error_weights;
  outcome.distortion = squares.mean({1, 2, 3});
  return outcome;
}

PredictedLatents predict_latents(const ModelDescription &model, const Weights &trained,
                                 const Batch &batch) {
  const Weights w = effective_weights(model, trained);
  const Latents l = analyse(model, w, batch, false);
  const at::Tensor z = at::round(l.z);
  const Scales scales = read_scales(model, run(model.hyper_synthesis, w, z));
  return {l.y, z, scales.deviations, scales.means};
}

at::Tensor rounded_hyper_latents(const ModelDescription &model, const Weights &trained,
                                 const Batch &batch) {
  return at::round(analyse(model, effective_weights(model, trained), batch, false).z);
}

at::Tensor Objective::losses(const Batch &batch, const Outcome &outcome) const {
  const at::Tensor rate = outcome.y_rate + outcome.z_rate;
  if (!batch.steps.defined()) return rate + outcome.distortion * lambda_;
  const at::Tensor lambda = (6 / std::numbers::ln2) / (batch.steps * batch.steps);
  const at::Tensor typical = at::log2(1 + 1 / batch.steps) + 0.1;
  return (rate + lambda * outcome.distortion) / typical;
}

}  // namespace feat::hyperprior::train
