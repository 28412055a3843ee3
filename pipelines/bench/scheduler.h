// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Spreads jobs over workers.
#pragma once

#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace feat::bench {

// Jobs that differ in the sample alone, so that a worker keeps its pipelines for them.
struct Group {
  std::string kind;    // for the progress line
  nlohmann::json job;  // without the sample
  std::deque<size_t> samples;
};

struct WorkerSetup {
  nlohmann::json setup;
  std::string log;
  int jobs = 1;
  double limit = 0;  // seconds for one job
};

// Called for each job, with its record or {"error": …}.
using JobDone =
    std::function<void(const Group &group, size_t sample, const nlohmann::json &result)>;

void run_jobs(std::vector<Group> &groups, const WorkerSetup &setup, const JobDone &done);

}  // namespace feat::bench
