// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/train/adam.h"
#include "codecs/hyperprior/train/checkpoint.h"
#include "codecs/hyperprior/train/dataset.h"
#include "codecs/hyperprior/train/objective.h"
#include "codecs/hyperprior/train/settings.h"
#include "codecs/hyperprior/train/training_log.h"

namespace feat::hyperprior::train {

class Sampler;

// One training, from its first step, or from a checkpoint, to its last.
class Trainer {
 public:
  // All must outlive the trainer.
  Trainer(const Settings &settings, const ModelDescription &model, const Dataset &data,
          const Dataset &validation);
  ~Trainer();
  Trainer(const Trainer &) = delete;
  Trainer &operator=(const Trainer &) = delete;

  // `origin` is what stands in the model about where it comes from, but for steps and minutes.
  void begin(const std::string &origin);
  // Refuses a checkpoint of another training. Throws Error.
  void resume(const Checkpoint &checkpoint);
  // Trains until the end, --stop-after or an interrupt; writes checkpoints and the log.
  void run();

  Checkpoint checkpoint() const;

 private:
  bool finished() const;
  double share() const;
  double learning_rate() const;
  double seconds() const;
  Batch to_device(Batch batch) const;
  static Losses mean_losses(const Outcome &outcome, const at::Tensor &losses);
  Losses train_step();
  void validate();
  void write();

  const Settings &settings_;
  const ModelDescription &model_;
  const Dataset &data_;
  const Dataset &validation_;
  c10::Device device_;
  Objective objective_;
  std::unique_ptr<Sampler> sampler_;
  std::map<std::string, std::string> identity_;
  Weights weights_;
  std::unique_ptr<Adam> adam_;
  TrainingLog log_;
  Plateau plateau_;
  uint64_t step_ = 0;
  uint64_t steps_here_ = 0;
  int skipped_ = 0;  // steps in a row
  double seconds_before_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::string origin_;
};

// Planes of the data, or parts of them, that tell how large activations of the hyper-synthesis
// get: [1, 1, height, width].
std::vector<at::Tensor> example_planes(const ModelDescription &model, const Dataset &data);

// Those of a checkpoint.
std::vector<at::Tensor> example_planes(const Checkpoint &checkpoint);

}  // namespace feat::hyperprior::train
