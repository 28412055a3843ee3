// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Planes as the analysis sees them (preparation.h), held in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/train/packing.h"

namespace feat::hyperprior::train {

struct PreparedPlane {
  int height = 0;
  int width = 0;
  size_t group = 0;
  std::vector<float> samples;
  // Of squared errors, for each column: makes them those of the feature's values. Empty: 1.
  std::vector<float> error_weights;
};

// Planes of a kind, however many they are, count as much as those of another.
class Dataset {
 public:
  // Planes may take `max_bytes`. `feature_errors`: squared errors are those of the feature's
  // values, not of what the analysis sees.
  Dataset(const ModelDescription &model, uint64_t max_bytes, bool feature_errors)
      : model_(model), max_bytes_(max_bytes), feature_errors_(feature_errors) {}

  // A group of its own. Throws Error.
  void add_files(const std::string &path, const Ranges &ranges, int bits);
  // NAME:SHAPE or NAME:SHAPE:COUNT, of the synthetic features that featuretestsrc makes.
  void add_pattern(const std::string &pattern, const Ranges &ranges, int bits, uint64_t seed);

  // Takes one plane in ten out, and returns them as another set; with fewer than ten, none.
  Dataset hold_out();

  const std::vector<PreparedPlane> &planes() const { return planes_; }
  const std::vector<std::string> &names() const { return names_; }  // of groups
  uint64_t points() const;
  // Of all samples: tells whether a training goes on with the data that it began with.
  uint64_t fingerprint() const;

 private:
  void add(const std::string &name, const Array &array, const Ranges &ranges, int bits);
  void add(const std::string &name, const Packed &packed, int bits);
  uint64_t max_points() const { return max_bytes_ / sizeof(float); }

  const ModelDescription model_;
  const uint64_t max_bytes_;
  const bool feature_errors_;
  uint64_t bytes_ = 0;
  std::vector<PreparedPlane> planes_;
  std::vector<std::string> names_;
};

}  // namespace feat::hyperprior::train
