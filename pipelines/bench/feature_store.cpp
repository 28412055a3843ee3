// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/feature_store.h"

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "pipelines/bench/error.h"

namespace feat::bench {

namespace fs = std::filesystem;

FeatureStore::FeatureStore(const Task &task, const std::string &out)
    : task_(task), folder_(out + "/features/" + task.name) {
  if (!task.features.empty()) {
    samples_ = task.features.size();
    return;
  }
  const NpyFile inputs(task.inputs);
  if (inputs.shape().size() < 2)
    throw Error(task.inputs + ": an array of shape " + to_text(inputs.shape()) +
                " has no samples along its first axis");
  samples_ = static_cast<size_t>(inputs.shape()[0]);
}

std::string FeatureStore::path(size_t sample) const {
  char name[32];
  std::snprintf(name, sizeof name, "/%05zu.npy", sample);
  return folder_ + name;
}

bool FeatureStore::has(size_t sample) const {
  return !needs_edge() || fs::exists(path(sample));
}

Array FeatureStore::input(size_t sample) const {
  return NpyFile(task_.inputs).read_part(sample);
}

Array FeatureStore::read(size_t sample) const {
  const bool from_file = needs_edge() || !task_.features.empty();
  const std::string file = !from_file     ? task_.inputs
                           : needs_edge() ? path(sample)
                                          : task_.features[sample];
  Array array = from_file ? NpyFile(file).read() : input(sample);
  if (!task_.source_format.empty() && array.format != task_.source_format)
    throw Error(file + ": the elements are " + array.format + ", and the manifest says " +
                task_.source_format);
  const std::vector<float> values = to_floats(array);
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(file + ": element " + std::to_string(i) + " is not finite");
  return array;
}

}  // namespace feat::bench
