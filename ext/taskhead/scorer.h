// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Compares what a head gives with what is right.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ext/taskhead/head_output.h"
#include "ext/taskhead/model.h"

namespace feat {

struct ScoreSettings {
  std::string truth;
  std::string choices;
  guint classes = 0;  // 0: as the head gives
  std::vector<int> crop;
  std::vector<double> depth_range;
  ModelSettings fid;  // without a path: none
  std::string fid_reference;
};

struct Outcome {
  enum class Kind { kScored, kSkipped, kBroken };
  Kind kind = Kind::kScored;
  std::string text;  // why not, without a stop
};

class Scorer {
 public:
  virtual ~Scorer() = default;
  // Scores one output and adds to the fields of its message.
  virtual Outcome score(const HeadOutput &output, guint64 sample, GstStructure *fields) = 0;
  virtual const char *metric_name() const = 0;
  // Over the samples so far, in percent where it is a share; NaN where there is none yet.
  virtual double running_metric() const = 0;
  virtual double final_metric() const { return running_metric(); }
  // What is to be known about the final metric, as a sentence; empty, as a rule.
  virtual std::string caution() const { return {}; }
};

// Null: the error is a sentence.
std::unique_ptr<Scorer> make_scorer(GstFeatureTask task, const ScoreSettings &settings,
                                    std::string &error);

}  // namespace feat
