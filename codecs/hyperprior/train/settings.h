// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace feat::hyperprior::train {

// What the command line says. 0 and "": what the architecture or the preset has.
struct Settings {
  std::string architecture = "default";  // or reference
  std::string preset;
  int latents = 0;
  int hyper_latents = 0;
  int inner = 0;  // channels inside of residual blocks and hyper networks
  uint64_t seed = 1;

  std::vector<std::string> features;  // files and folders, a group each
  std::vector<std::string> patterns;  // NAME:SHAPE[:COUNT], a group each
  std::vector<std::string> validation;
  std::string conditions;
  std::vector<double> range;  // empty, or two ends
  int bits = 10;
  uint64_t max_mebibytes = 4096;  // that planes may take

  int crop_height = 0;
  int crop_width = 0;
  int batch = 16;
  double lambda = 0.01;  // of reference
  std::string lambda_scale = "code";
  double learning_rate = 0;
  uint64_t steps = 0;
  double minutes = 0;
  std::string device = "auto";
  std::string precision = "float";
  int threads = 0;

  std::string checkpoint;
  uint64_t checkpoint_every = 1000;
  bool resume = false;
  uint64_t stop_after = 0;
  uint64_t validate_every = 0;
  std::string log;
  std::string curve;

  std::string export_path;
  bool export_only = false;
  std::string name;
  std::string origin;
};

}  // namespace feat::hyperprior::train
