// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/head_output.h"

namespace feat {

namespace {

// Dimensions that count from behind, and what they are.
struct Expected {
  int dims;
  const char *words;
};

Expected expected_of(GstFeatureTask task) {
  switch (task) {
    case GST_FEATURE_TASK_SEG:
      return {3, "(1,classes,height,width)"};
    case GST_FEATURE_TASK_DPT:
      return {2, "(1,1,height,width)"};
    case GST_FEATURE_TASK_TTI:
      return {3, "(1,3,height,width)"};
    default:
      return {1, "(1,classes)"};
  }
}

}  // namespace

std::string head_output(GstFeatureTask task, const TorchTensor &tensor, std::vector<float> &memory,
                        HeadOutput &output) {
  const Expected expected = expected_of(task);
  bool fits = tensor.dims >= expected.dims;
  for (int i = 0; i < tensor.dims - expected.dims; ++i) fits = fits && tensor.shape[i] == 1;
  const auto *last = tensor.shape + tensor.dims;
  if (fits && expected.dims > 1) {
    output.height = static_cast<size_t>(last[-2]);
    output.width = static_cast<size_t>(last[-1]);
  }
  if (fits) output.channels = expected.dims == 2 ? 1 : static_cast<size_t>(last[-expected.dims]);
  if (task == GST_FEATURE_TASK_TTI) fits = fits && output.channels == 3;
  const char *name = gst_feature_task_to_string(task);
  if (!fits || points_of(tensor) == 0)
    return "the head of " + std::string(name) + " gives the shape " + shape_of(tensor) + ", not " +
           expected.words;
  output.values = floats_of(tensor, memory);
  // Logits may rule out a class; probabilities are computed of those of cls.
  const bool logits = task == GST_FEATURE_TASK_SEG || task == GST_FEATURE_TASK_CSR;
  const std::string wrong = non_finite_of(output.values, logits);
  return wrong.empty() ? "" : "the head of " + std::string(name) + ": " + wrong;
}

}  // namespace feat
