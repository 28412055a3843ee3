// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a head gives, by task.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ext/taskhead/tensors.h"

namespace feat {

// cls, csr: `channels` logits, height and width 1. seg: a plane for each class. dpt: one plane.
// tti: three planes.
struct HeadOutput {
  size_t channels = 0;
  size_t height = 1;
  size_t width = 1;
  std::span<const float> values;

  size_t pixels() const { return height * width; }
};

// Takes the tensor for the task, whose dimensions of 1 in front may be there or not. The values are
// the tensor's or those of `memory`. What is wrong, without a stop; empty if all is well.
std::string head_output(GstFeatureTask task, const TorchTensor &tensor, std::vector<float> &memory,
                        HeadOutput &output);

}  // namespace feat
