// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The second half of a model, kept: what it makes of a feature, as fields of a record.
#pragma once

#include <nlohmann/json.hpp>

#include "pipelines/bench/manifest.h"
#include "pipelines/bench/pipeline_stage.h"

namespace feat::bench {

class TaskHead {
 public:
  explicit TaskHead(const Task &task);
  ~TaskHead();
  TaskHead(const TaskHead &) = delete;
  TaskHead &operator=(const TaskHead &) = delete;

  // The fields of the message taskheadsink-sample.
  nlohmann::json judge(GstSample *feature, uint64_t index);

 private:
  ElementPtr pipeline_;
  ElementPtr source_;
  BusPtr bus_;
};

}  // namespace feat::bench
