// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a model tells the entropy coder, and its gains: all of a model that needs no LibTorch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codecs/hyperprior/integer_network.h"
#include "codecs/hyperprior/model.h"
#include "codecs/rans/rans.h"

namespace feat::hyperprior {

class EntropyModel {
 public:
  // Null, and `status` is set: the model's tables are broken.
  static std::shared_ptr<const EntropyModel> create(std::shared_ptr<const Model> model,
                                                    Status &status);

  const Model &model() const { return *model_; }
  const rans::Tables &y_tables() const { return *y_tables_; }
  const rans::Tables &z_tables() const { return *z_tables_; }
  const IntegerNetwork &network() const { return *network_; }
  // Between neighbouring scales, ascending.
  const std::vector<int32_t> &thresholds() const { return thresholds_; }

  // From hyper-latents [height, width, hyper_latents] to the table and, where the model has means,
  // the mean (in units of 1/kOutputScale of a step) of each latent [height, width, latents], of
  // which there are as many more as the strides say.
  void predict(std::span<const int32_t> z, int height, int width, int threads,
               std::vector<uint8_t> &tables, std::vector<int32_t> &means,
               PhaseRow *kernel = phase_row) const;

  // Step codes: sixteenths of an octave above the smallest step; one alone without steps.
  int step_codes() const { return step_codes_; }
  // The code whose step is nearest to `step`.
  int step_code(double step) const;
  // What latents are multiplied by, one for each channel.
  std::vector<float> gains(int step_code) const;

 private:
  std::shared_ptr<const Model> model_;
  std::unique_ptr<const IntegerNetwork> network_;
  std::shared_ptr<const rans::Tables> y_tables_;
  std::shared_ptr<const rans::Tables> z_tables_;
  std::vector<int32_t> thresholds_;
  std::vector<float> gains_;  // [steps, latents]
  int step_codes_ = 1;
};

}  // namespace feat::hyperprior
