// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A run's records, added up to what tables and pictures show.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace feat::bench {

// One codec at one rate on one task.
struct Point {
  std::string rate;
  size_t samples = 0;
  size_t failed = 0;
  double bpfp = 0;  // all bits over all feature points
  std::optional<double> payload_bpfp;
  std::optional<double> metric;
  std::optional<double> original;  // the metric of the original on the same samples
  std::optional<double> greedy;    // csr: the right answer is the likeliest token of all
  std::optional<double> accuracy_drop;
  double mse = 0;  // mean over samples
  std::optional<double> mse_truncated;
  double encode_s = 0;  // mean over samples
  double decode_s = 0;
  nlohmann::json histogram;
};

struct Curve {
  std::string codec;
  std::string trained_on;
  std::vector<Point> points;        // from many bits to few
  std::optional<double> r_squared;  // of the metric over the MSE (Table 5)
};

struct BdRate {
  std::string reference;
  std::string test;
  std::optional<double> mse;
  std::optional<double> metric;
};

struct TaskSummary {
  std::string name;
  std::string task;
  std::string metric_name;
  bool lower_is_better = false;
  nlohmann::json region;
  std::vector<Curve> curves;  // those with one rate, too; "raw" is the original
  std::vector<BdRate> bd_rates;

  const Curve *find(const std::string &codec) const;
  const Point *original() const;
};

struct Summary {
  nlohmann::json suite;
  nlohmann::json machine;
  std::vector<TaskSummary> tasks;
  std::map<std::string, nlohmann::json> codecs;
  std::vector<std::string> notes;  // what a reader must know: failures, FID of few samples
};

// Throws Error if there is no run in the folder.
Summary summarize(const std::string &folder);

}  // namespace feat::bench
