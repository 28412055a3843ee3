// SPDX-License-Identifier: LGPL-2.1-or-later
//
// suite.json: which tasks there are, where their features, models and truth are, and the conditions
// under which they are coded (docs/feature-bench.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace feat::bench {

// A method of a TorchScript file.
struct Model {
  std::string path;  // empty: there is none
  std::string method = "forward";
};

// Where values are clipped, and between what they are quantised.
struct Range {
  std::string conditions;  // a row of the published test conditions, in place of numbers
  int axis = -1;           // of several ranges
  std::vector<double> min;
  std::vector<double> max;
};

struct Truncation {
  Range vtm;
  Range hyperprior;
};

struct Task {
  std::string task;
  std::string name;
  std::string part_of;                // the task that this one is a part of in reports, if any
  std::vector<std::string> features;  // files, one for each sample; empty: they come from inputs
  std::string inputs;
  Model edge;
  Model head;
  Model fid;
  std::string truth;
  std::string choices;
  std::string labels;
  int classes = 0;
  std::vector<int> crop;
  std::vector<double> depth_range;
  std::string packing;
  Truncation truncation;
  std::string source_format;
};

struct Manifest {
  std::string path;
  std::string name;
  std::string description;
  std::vector<Task> tasks;
};

// Throws Error with one sentence about the first thing that is wrong.
Manifest read_manifest(const std::string &path);

}  // namespace feat::bench
