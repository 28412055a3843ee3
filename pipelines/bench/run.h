// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/bench/codecs.h"

namespace feat::bench {

struct RunOptions {
  std::string suite;
  std::string out;
  std::vector<Codec> codecs;
  std::vector<std::string> tasks;            // names or kinds; empty: all
  size_t samples = 0;                        // of each task; 0: all
  std::map<std::string, size_t> samples_of;  // of tasks by name
  int jobs = 1;
  double limit = 600;
  bool require_metric = false;
  bool strict = false;
};

// Returns the exit status.
int run_suite(const RunOptions &options);

}  // namespace feat::bench
