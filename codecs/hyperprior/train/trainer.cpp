// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/trainer.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/mean.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <numbers>

#include "codecs/hyperprior/train/architecture.h"
#include "codecs/hyperprior/train/device.h"
#include "codecs/hyperprior/train/error.h"
#include "codecs/hyperprior/train/random.h"
#include "codecs/hyperprior/train/sampler.h"

namespace feat::hyperprior::train {

namespace {

constexpr int kMaxSkipped = 20;
constexpr uint64_t kLogEvery = 20;
constexpr double kLastShareOfRate = 0.01;
constexpr int kValidationSide = 256;
constexpr size_t kValidationPlanes = 16;
constexpr int kExampleSide = 128;
constexpr size_t kExamples = 8;
constexpr const char *kFeatures = "features";
constexpr const char *kExample = ".example";
constexpr double kCodeScale = 255.0 * 255.0;

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) {
  interrupted = 1;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::map<std::string, std::string> identity_of(const Settings &s, const ModelDescription &model,
                                               const Dataset &data) {
  return {{"architecture", s.architecture},
          {"latents", std::to_string(model.latents)},
          {"hyper-latents", std::to_string(model.hyper_latents)},
          {"inner", std::to_string(s.inner)},
          {"seed", std::to_string(s.seed)},
          {"crop", std::to_string(s.crop_height) + "x" + std::to_string(s.crop_width)},
          {"batch", std::to_string(s.batch)},
          {"lambda", number(s.lambda)},
          {"lambda-scale", s.lambda_scale},
          {"learning-rate", number(s.learning_rate)},
          {"steps", std::to_string(s.steps)},
          {"minutes", number(s.minutes)},
          {"precision", s.precision},
          {"validate-every", std::to_string(s.validate_every)},
          {kFeatures, std::to_string(data.fingerprint())}};
}

Error changed(const std::string &checkpoint, const std::string &option, const std::string &there,
              const std::string &here) {
  return Error(checkpoint + " was made with --" + option + " " + there + ", not " + here);
}

Objective objective_of(const Settings &s, const ModelDescription &model) {
  if (!model.steps.empty()) return Objective();
  return Objective(s.lambda_scale == "code" ? s.lambda * kCodeScale : s.lambda);
}

// One in so many of `count`, `wanted` at most.
size_t stride_of(size_t count, size_t wanted) {
  return std::max<size_t>(1, (count + wanted - 1) / wanted);
}

}  // namespace

Trainer::Trainer(const Settings &settings, const ModelDescription &model, const Dataset &data,
                 const Dataset &validation)
    : settings_(settings),
      model_(model),
      data_(data),
      validation_(validation),
      device_(device_of(settings.device)),
      objective_(objective_of(settings, model)),
      sampler_(std::make_unique<Sampler>(
          model, data,
          CropSettings{settings.crop_height, settings.crop_width, settings.batch, settings.seed})),
      identity_(identity_of(settings, model, data)),
      weights_(initial_weights(model, settings.seed)),
      log_(settings.log, settings.resume) {
  at::globalContext().setDeterministicCuDNN(true);
  for (auto &[name, weight] : weights_) weight = weight.to(device_).detach();
  adam_ = std::make_unique<Adam>(weights_);
}

Trainer::~Trainer() = default;

void Trainer::begin(const std::string &origin) {
  origin_ = origin;
}

void Trainer::resume(const Checkpoint &checkpoint) {
  for (const auto &[name, value] : identity_) {
    const auto found = checkpoint.settings.find(name);
    const std::string there = found == checkpoint.settings.end() ? "none" : found->second;
    // Settings first: patterns follow from them.
    if (there == value || name == kFeatures) continue;
    throw changed(settings_.checkpoint, name, there, value);
  }
  const auto features = checkpoint.settings.find(kFeatures);
  if (features == checkpoint.settings.end() || features->second != identity_.at(kFeatures))
    throw Error(settings_.checkpoint + " comes from other features; start a training without it");
  const at::NoGradGuard no_gradients;
  for (auto &[name, weight] : weights_) weight.copy_(weight_of(checkpoint.tensors, name));
  adam_->set_moments(checkpoint.tensors, checkpoint.optimizer_steps);
  step_ = checkpoint.step;
  seconds_before_ = checkpoint.seconds;
  plateau_ = checkpoint.plateau;
}

double Trainer::seconds() const {
  return seconds_before_ +
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Trainer::share() const {
  const double share = settings_.steps > 0
                           ? static_cast<double>(step_) / static_cast<double>(settings_.steps)
                           : seconds() / 60 / settings_.minutes;
  return std::min(share, 1.0);
}

bool Trainer::finished() const {
  return share() >= 1 || interrupted != 0 ||
         (settings_.stop_after > 0 && steps_here_ >= settings_.stop_after);
}

// Models of many rates: along a cosine to a hundredth.
double Trainer::learning_rate() const {
  if (model_.steps.empty()) return settings_.learning_rate * plateau_.factor;
  const double wave = 0.5 * (1 + std::cos(std::numbers::pi * share()));
  return settings_.learning_rate * (kLastShareOfRate + (1 - kLastShareOfRate) * wave);
}

Batch Trainer::to_device(Batch batch) const {
  batch.planes = batch.planes.to(device_);
  if (batch.error_weights.defined()) batch.error_weights = batch.error_weights.to(device_);
  if (batch.steps.defined()) batch.steps = batch.steps.to(device_);
  return batch;
}

Losses Trainer::mean_losses(const Outcome &outcome, const at::Tensor &losses) {
  Losses mean;
  mean.z_rate = outcome.z_rate.mean().item<double>();
  mean.rate = outcome.y_rate.mean().item<double>() + mean.z_rate;
  mean.distortion = outcome.distortion.mean().item<double>();
  mean.loss = losses.mean().item<double>();
  return mean;
}

Losses Trainer::train_step() {
  // Noise follows from seed and step, as crops do.
  at::manual_seed(Random(settings_.seed, step_).next() >> 1);
  const Batch batch = to_device(sampler_->draw(step_));
  const Outcome outcome =
      forward(model_, weights_, batch, {Quantisation::kNoise, settings_.precision == "mixed"});
  const at::Tensor losses = objective_.losses(batch, outcome);
  adam_->clear_gradients();
  losses.mean().backward();
  skipped_ = adam_->step(learning_rate()) ? 0 : skipped_ + 1;
  if (skipped_ > kMaxSkipped)
    throw Error("gradients of " + std::to_string(skipped_) + " steps in a row, up to step " +
                std::to_string(step_) + ", were not finite; try a smaller --learning-rate than " +
                number(settings_.learning_rate));
  ++step_;
  ++steps_here_;
  return mean_losses(outcome, losses);
}

void Trainer::validate() {
  if (validation_.planes().empty()) return;
  const at::NoGradGuard no_gradients;
  // Every other step size, which is what a batch has.
  std::vector<float> steps;
  for (size_t i = 1; i < model_.steps.size(); i += 2) steps.push_back(model_.steps[i]);
  Losses mean;
  std::vector<Losses> by_step(steps.size());
  const size_t stride = stride_of(validation_.planes().size(), kValidationPlanes);
  const size_t planes = (validation_.planes().size() + stride - 1) / stride;
  const auto count = static_cast<double>(planes);
  for (size_t i = 0; i < validation_.planes().size(); i += stride) {
    const Batch batch =
        to_device(middle_of(model_, validation_.planes()[i], kValidationSide, steps));
    const Outcome outcome = forward(model_, weights_, batch, {Quantisation::kRounded, false});
    mean.add(mean_losses(outcome, objective_.losses(batch, outcome)), 1 / count);
    for (size_t k = 0; k < steps.size(); ++k) {
      const auto row = static_cast<int64_t>(k);
      const double z_rate = outcome.z_rate[row].item<double>();
      const double rate = outcome.y_rate[row].item<double>() + z_rate;
      by_step[k].add({rate, z_rate, outcome.distortion[row].item<double>(), 0}, 1 / count);
    }
  }
  log_.add("validation", step_, seconds(), learning_rate(), mean);
  std::printf(
      "step %llu, validation: %.4f bits/point (%.4f of it hyper-latents), distortion %.4g, "
      "loss %.4f\n",
      static_cast<unsigned long long>(step_), mean.rate, mean.z_rate, mean.distortion, mean.loss);
  std::fflush(stdout);
  if (step_ > 0 && model_.steps.empty()) plateau_.observe(mean.loss);
}

Checkpoint Trainer::checkpoint() const {
  Checkpoint c;
  c.settings = identity_;
  c.step = step_;
  c.optimizer_steps = adam_->steps();
  c.seconds = seconds();
  c.plateau = plateau_;
  c.origin = origin_;
  c.tensors = adam_->moments();
  for (const auto &[name, weight] : weights_) c.tensors[name] = weight.detach();
  const std::vector<at::Tensor> examples = example_planes(model_, data_);
  for (size_t i = 0; i < examples.size(); ++i)
    c.tensors[kExample + std::to_string(i)] = examples[i];
  return c;
}

void Trainer::write() {
  if (!settings_.checkpoint.empty()) write_checkpoint(settings_.checkpoint, checkpoint());
}

void Trainer::run() {
  interrupted = 0;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  start_ = std::chrono::steady_clock::now();
  if (step_ == 0) validate();
  ProgressLine progress(step_);
  Losses sum;
  int added = 0;
  while (!finished()) {
    const Losses losses = train_step();
    sum.add(losses, 1);
    ++added;
    if (step_ % kLogEvery == 0) {
      Losses mean;
      mean.add(sum, 1.0 / added);
      log_.add("training", step_, seconds(), learning_rate(), mean);
      sum = {};
      added = 0;
    }
    if (progress.due()) progress.show(step_, share(), losses);
    if (step_ % settings_.validate_every == 0 || share() >= 1) {
      progress.clear();
      validate();
    }
    if (step_ % settings_.checkpoint_every == 0) write();
  }
  progress.clear();
  if (interrupted != 0) std::fprintf(stderr, "interrupted\n");
  write();
}

std::vector<at::Tensor> example_planes(const ModelDescription &model, const Dataset &data) {
  std::vector<at::Tensor> examples;
  const size_t stride = stride_of(data.planes().size(), kExamples);
  for (size_t i = 0; i < data.planes().size(); i += stride)
    examples.push_back(middle_of(model, data.planes()[i], kExampleSide, {1}).planes);
  return examples;
}

std::vector<at::Tensor> example_planes(const Checkpoint &checkpoint) {
  std::vector<at::Tensor> examples;
  for (const auto &[name, tensor] : checkpoint.tensors)
    if (name.starts_with(kExample)) examples.push_back(tensor);
  return examples;
}

}  // namespace feat::hyperprior::train
