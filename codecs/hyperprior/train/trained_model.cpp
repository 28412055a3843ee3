// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/trained_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>

#include "codecs/hyperprior/export.h"
#include "codecs/hyperprior/rate_model.h"
#include "codecs/hyperprior/train/architecture.h"
#include "codecs/hyperprior/train/error.h"
#include "codecs/hyperprior/train/objective.h"
#include "codecs/rans/rans.h"

namespace feat::hyperprior::train {

namespace {

using Tensors = std::map<std::string, TensorData>;

std::span<const float> values_of(const at::Tensor &tensor) {
  return {tensor.data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

std::vector<int> shape_of(const at::Tensor &tensor) {
  return {tensor.sizes().begin(), tensor.sizes().end()};
}

void add_network(const Network &network, const Weights &weights, Element element,
                 Tensors &tensors) {
  for (const Layer &layer : network) {
    add_network(layer.inner, weights, element, tensors);
    for (const char *part : {".weight", ".bias", ".beta", ".gamma"}) {
      const auto found = weights.find(layer.name + part);
      if (found != weights.end())
        tensors[found->first] =
            store_floats(values_of(found->second), shape_of(found->second), element);
    }
  }
}

// What the prior gives for integers; the rest, which costs more than 17 bits at either end, is left
// to escapes.
rans::Distribution distribution_of(std::span<const float> probabilities, int first) {
  constexpr double kTail = 0x1p-17;
  size_t begin = 0;
  size_t end = probabilities.size();
  double total = 0;
  for (const float p : probabilities) total += p;
  if (total == 0) return rans::from_probabilities(0, std::vector<double>{1});
  for (double tail = 0; begin + 1 < end; ++begin)
    if ((tail += probabilities[begin]) > kTail * total) break;
  for (double tail = 0; end > begin + 1; --end)
    if ((tail += probabilities[end - 1]) > kTail * total) break;
  while (end - begin > size_t{rans::kMaxSymbols} - 1) {
    if (probabilities[begin] < probabilities[end - 1])
      ++begin;
    else
      --end;
  }
  const std::vector<double> kept(probabilities.begin() + static_cast<ptrdiff_t>(begin),
                                 probabilities.begin() + static_cast<ptrdiff_t>(end));
  return rans::from_probabilities(first + static_cast<int>(begin), kept);
}

void add_tables(const ModelDescription &model, const Weights &weights, Tensors &tensors) {
  constexpr int kReach = 512;
  const at::Tensor integers = at::arange(-kReach, kReach + 1)
                                  .to(c10::kFloat)
                                  .reshape({1, 1, 1, -1})
                                  .expand({1, model.hyper_latents, 1, -1});
  // Where it is no more than the bound, nothing is known of it.
  const at::Tensor likelihood =
      at::clamp_min(factorized_likelihood(weights, kPrior, integers) - kLikelihoodBound, 0)
          .contiguous();
  std::vector<rans::Distribution> z;
  constexpr size_t kCount = 2 * kReach + 1;
  for (size_t c = 0; c < static_cast<size_t>(model.hyper_latents); ++c)
    z.push_back(distribution_of(values_of(likelihood).subspan(c * kCount, kCount), -kReach));
  add_distributions("z", z, tensors);
  std::vector<rans::Distribution> y;
  for (const double scale : scale_table()) y.push_back(rans::gaussian(scale));
  add_distributions("y", y, tensors);
}

std::vector<HyperLatents> hyper_latents_of(const ModelDescription &model, const Weights &trained,
                                           const std::vector<at::Tensor> &examples) {
  std::vector<HyperLatents> result;
  const std::vector<float> steps = model.steps.empty() ? std::vector<float>{0} : model.steps;
  for (const at::Tensor &example : examples)
    for (const float step : steps) {
      Batch batch;
      batch.planes = example;
      if (!model.steps.empty()) batch.steps = at::full({1}, step);
      const at::Tensor z = rounded_hyper_latents(model, trained, batch).to(c10::kInt).contiguous();
      const auto *values = z.data_ptr<int32_t>();
      result.push_back(
          {static_cast<int>(z.size(2)), static_cast<int>(z.size(3)), {values, values + z.numel()}});
    }
  return result;
}

}  // namespace

std::vector<uint8_t> make_model_file(const ModelDescription &model, const Weights &trained,
                                     const std::vector<at::Tensor> &examples) {
  const at::NoGradGuard no_gradients;
  Weights own;
  for (const auto &[name, tensor] : trained)
    own[name] = tensor.detach().to(c10::kCPU).to(c10::kFloat).contiguous();
  Weights weights = effective_weights(model, own);
  for (auto &[name, tensor] : weights) tensor = tensor.contiguous();
  const Element element = model.input == Input::kNormalised ? Element::kF16 : Element::kF32;
  Tensors tensors;
  for (const Network *network : {&model.analysis, &model.hyper_analysis, &model.synthesis})
    add_network(*network, weights, element, tensors);
  if (!model.steps.empty()) {
    const at::Tensor gains = at::exp(weights.at(kGains)).contiguous();
    tensors["gains"] = store_floats(values_of(gains), shape_of(gains), Element::kF32);
  }
  add_tables(model, weights, tensors);
  std::map<std::string, FloatTensor> floats;
  for (const Layer &layer : model.hyper_synthesis)
    for (const char *part : {".weight", ".bias"}) {
      const auto found = weights.find(layer.name + part);
      if (found == weights.end()) continue;
      const std::span<const float> values = values_of(found->second);
      floats[found->first] = {shape_of(found->second), {values.begin(), values.end()}};
    }
  if (!add_hyper_synthesis(model, floats, hyper_latents_of(model, own, examples), tensors))
    throw Error("the hyper-synthesis cannot be had in integers: its last weights are too large");
  return write_model(model, tensors);
}

}  // namespace feat::hyperprior::train
