// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/integer_cost.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "codecs/hyperprior/cpu_backend.h"
#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/export.h"
#include "codecs/hyperprior/train/error.h"
#include "codecs/hyperprior/train/objective.h"

namespace feat::hyperprior::train {

namespace {

// [1, channels, height, width] to [height, width, channels].
at::Tensor interleaved(const at::Tensor &map) {
  return map.squeeze(0).permute({1, 2, 0}).contiguous();
}

double floating_bits(const EntropyModel &entropy, const PredictedLatents &l) {
  const at::Tensor y = l.y.contiguous();
  const at::Tensor deviations = l.deviations.contiguous();
  const at::Tensor means = l.means.defined() ? l.means.contiguous() : at::zeros_like(y);
  const std::vector<double> scales = scale_table();
  const double octaves = std::log(scales.back() / scales.front());
  const double last = static_cast<double>(scales.size()) - 1;
  double sum = 0;
  for (int64_t i = 0; i < y.numel(); ++i) {
    const double deviation = std::max(double{deviations.data_ptr<float>()[i]}, scales.front());
    const double place = std::log(deviation / scales.front()) / octaves * last;
    const float residual = y.data_ptr<float>()[i] - means.data_ptr<float>()[i];
    sum += entropy.y_tables().bits(static_cast<int>(std::lround(std::min(place, last))),
                                   static_cast<int32_t>(std::lround(residual)));
  }
  return sum;
}

double integer_bits(const EntropyModel &entropy, const PredictedLatents &l) {
  const at::Tensor y = l.y.contiguous();
  const at::Tensor z = interleaved(l.z.to(c10::kInt));
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  entropy.predict({z.data_ptr<int32_t>(), static_cast<size_t>(z.numel())},
                  static_cast<int>(z.size(0)), static_cast<int>(z.size(1)), 1, tables, means);
  std::vector<int32_t> symbols;
  const FloatMap map{y.data_ptr<float>(), static_cast<int>(y.size(1)), static_cast<int>(y.size(2)),
                     static_cast<int>(y.size(3))};
  if (!round_latents(map, means, symbols))
    throw Error("the networks gave values that are no numbers");
  return bits_of(entropy.y_tables(), symbols, tables);
}

}  // namespace

IntegerCost integer_cost(const ModelDescription &model, const Weights &trained,
                         std::span<const uint8_t> file, const std::vector<at::Tensor> &planes) {
  const at::NoGradGuard no_gradients;
  Status status;
  const std::shared_ptr<const Model> loaded = Model::load(file, status);
  const auto entropy = loaded ? EntropyModel::create(loaded, status) : nullptr;
  if (!entropy) throw Error("the exported model cannot be read: " + status.message);
  Weights own;
  for (const auto &[name, tensor] : trained) own[name] = tensor.detach().to(c10::kCPU);
  const std::vector<float> steps = model.steps.empty() ? std::vector<float>{0} : model.steps;
  IntegerCost cost;
  for (const at::Tensor &plane : planes)
    for (const float step : steps) {
      Batch batch;
      batch.planes = plane.to(c10::kCPU);
      if (!model.steps.empty()) batch.steps = at::full({1}, step);
      const PredictedLatents latents = predict_latents(model, own, batch);
      cost.floating += floating_bits(*entropy, latents);
      cost.integer += integer_bits(*entropy, latents);
    }
  return cost;
}

}  // namespace feat::hyperprior::train
