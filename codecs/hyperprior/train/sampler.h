// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "codecs/hyperprior/train/dataset.h"
#include "codecs/hyperprior/train/objective.h"

namespace feat::hyperprior::train {

struct CropSettings {
  int height = 0;
  int width = 0;
  int batch = 0;
  uint64_t seed = 0;
};

// Draws the batch of a step. Groups are drawn equally often, planes of a group by their size. A
// crop is no larger than its plane; those of a batch are of one size.
class Sampler {
 public:
  // Both must outlive the sampler. Throws Error: there is no plane.
  Sampler(const ModelDescription &model, const Dataset &data, const CropSettings &settings);

  // On the CPU; the same for the same step.
  Batch draw(uint64_t step) const;

 private:
  using Size = std::pair<int, int>;  // of a crop
  struct Class {
    std::vector<size_t> planes;
    std::vector<double> until;  // sums of the planes' weights
  };

  const Class &draw_class(class Random &random, Size &size) const;
  void crop(const PreparedPlane &plane, const Size &size, class Random &random, float *samples,
            float *error_weights) const;

  const ModelDescription &model_;
  const Dataset &data_;
  CropSettings settings_;
  std::map<Size, Class> classes_;
};

// The whole plane, or its middle where it is larger than `side` squared, of each step size in
// `steps` (if the model has steps, otherwise once).
Batch middle_of(const ModelDescription &model, const PreparedPlane &plane, int side,
                const std::vector<float> &steps);

}  // namespace feat::hyperprior::train
