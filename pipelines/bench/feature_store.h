// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where a task's features are: in files that came with it, in its array of inputs, or in files that
// the edge model was asked for once.
#pragma once

#include <string>

#include "pipelines/bench/array.h"
#include "pipelines/bench/manifest.h"

namespace feat::bench {

class FeatureStore {
 public:
  FeatureStore(const Task &task, const std::string &out);

  size_t samples() const { return samples_; }
  bool needs_edge() const { return !task_.edge.path.empty(); }
  // Whether the sample's feature can be read without the edge model.
  bool has(size_t sample) const;
  Array read(size_t sample) const;
  // The file that the edge model's feature goes to.
  std::string path(size_t sample) const;
  Array input(size_t sample) const;

 private:
  const Task &task_;
  std::string folder_;
  size_t samples_ = 0;
};

}  // namespace feat::bench
