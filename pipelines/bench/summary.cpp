// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/summary.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "codecs/taskmetrics/task_metrics.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/results_file.h"
#include "pipelines/bench/statistics.h"

namespace feat::bench {

namespace {

using Json = nlohmann::json;

// A task is done so well by a set of records; nothing if no head has seen them.
class Metric {
 public:
  explicit Metric(std::string task) : task_(std::move(task)) {}

  void add(const Json &record) {
    if (task_ == "cls" || task_ == "csr") {
      if (!record.contains("correct")) return;
      accuracy_.add(record["correct"]);
      if (record.contains("greedy-correct")) greedy_.add(record["greedy-correct"]);
    } else if (task_ == "seg") {
      if (record.contains("intersections")) add_counts(record);
    } else if (task_ == "dpt") {
      // Null: an image without a valid pixel.
      if (record.contains("rmse") && record["rmse"].is_number()) rmse_.add(record["rmse"]);
    } else if (record.contains("activations")) {
      const std::vector<float> values = record["activations"];
      if (!activations_.add(values))
        throw Error("two records have different numbers of activations");
    }
  }

  std::optional<double> value(const Metric *original) const {
    if (task_ == "cls" || task_ == "csr") return percent(accuracy_);
    if (task_ == "seg") return finite(seg_ ? 100 * seg_->mean_iou() : NAN);
    if (task_ == "dpt") return finite(rmse_.mean());
    return original != nullptr ? finite(frechet_distance(original->activations_, activations_))
                               : std::nullopt;
  }
  std::optional<double> greedy() const { return percent(greedy_); }
  const ActivationStatistics &activations() const { return activations_; }

 private:
  static std::optional<double> finite(double value) {
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }
  static std::optional<double> percent(const Accuracy &accuracy) {
    return finite(accuracy.percent());
  }
  void add_counts(const Json &record) {
    const ConfusionMatrix::Counts counts{record["intersections"], record["unions"]};
    if (!seg_) seg_.emplace(counts.unions.size());
    if (counts.unions.size() != seg_->classes() || counts.intersections.size() != seg_->classes())
      throw Error("two records have different numbers of classes");
    seg_->add(counts);
  }

  std::string task_;
  Accuracy accuracy_;
  Accuracy greedy_;
  Average rmse_;
  std::optional<ConfusionMatrix> seg_;
  ActivationStatistics activations_;
};

const char *metric_name(const std::string &task) {
  if (task == "cls") return "top-1 accuracy";
  if (task == "seg") return "mIoU";
  if (task == "dpt") return "RMSE";
  if (task == "csr") return "accuracy";
  return "FID";
}

// The last record of each sample counts. A sample is known by its task in the run, which may be a
// part of one in the report, and its number.
using Samples = std::map<std::pair<std::string, size_t>, Json>;
using ByRate = std::map<std::string, Samples>;
using ByCodec = std::map<std::string, ByRate>;
using ByTask = std::map<std::string, ByCodec>;

// `tasks`: the report's task of each of the run's.
ByTask sort_records(const std::vector<Json> &records,
                    const std::map<std::string, std::string> &tasks) {
  ByTask sorted;
  for (const Json &record : records) {
    const std::string part = record["task"];
    const auto task = tasks.find(part);
    if (task == tasks.end()) continue;
    Json &place = sorted[task->second][record["codec"]][record["rate"]][{part, record["sample"]}];
    // A failure does not undo an earlier success.
    if (place.is_null() || !record.contains("error") || place.contains("error")) place = record;
  }
  return sorted;
}

Point add_up(const std::string &rate, const Samples &samples, Metric &metric) {
  Point point;
  point.rate = rate;
  double points = 0;
  double bytes = 0;
  double payload = 0;
  bool payload_known = true;
  Average mse;
  Average truncated;
  Average encode;
  Average decode;
  for (const auto &[number, record] : samples) {
    if (record.contains("error")) {
      ++point.failed;
      continue;
    }
    ++point.samples;
    points += record["points"].get<double>();
    bytes += record["bytes"].get<double>();
    payload_known = payload_known && record["payload_bytes"].is_number();
    if (payload_known) payload += record["payload_bytes"].get<double>();
    mse.add(record["mse"]);
    if (record["mse_truncated"].is_number()) truncated.add(record["mse_truncated"]);
    encode.add(record["encode_s"]);
    decode.add(record["decode_s"]);
    if (point.histogram.is_null() && record.contains("histogram"))
      point.histogram = record["histogram"];
    metric.add(record);
  }
  point.bpfp = 8 * bytes / points;
  if (payload_known) point.payload_bpfp = 8 * payload / points;
  point.mse = mse.mean();
  if (truncated.count() > 0) point.mse_truncated = truncated.mean();
  point.encode_s = encode.mean();
  point.decode_s = decode.mean();
  return point;
}

// The percentage by which accuracy falls; for dpt that of 1/RMSE. FID has no such percentage: that
// of the original is 0.
std::optional<double> drop(const std::string &task, double original, double metric) {
  if (task == "tti" || original == 0 || metric == 0) return std::nullopt;
  return 100 * (1 - (task == "dpt" ? original / metric : metric / original));
}

std::optional<double> line_fit(const Curve &curve) {
  std::vector<double> mse;
  std::vector<double> metric;
  for (const Point &point : curve.points) {
    if (!point.metric) continue;
    mse.push_back(point.mse);
    metric.push_back(*point.metric);
  }
  return r_squared(mse, metric);
}

std::vector<RatePoint> points_of(const TaskSummary &task, const Curve &curve, bool of_metric) {
  std::vector<RatePoint> points;
  for (const Point &point : curve.points) {
    if (of_metric && point.metric)
      points.push_back({point.bpfp, task.lower_is_better ? -*point.metric : *point.metric});
    else if (!of_metric && point.mse > 0)
      points.push_back({point.bpfp, -10 * std::log10(point.mse)});
  }
  return points;
}

void compare(TaskSummary &task) {
  for (const Curve &reference : task.curves) {
    for (const Curve &test : task.curves) {
      if (&reference == &test || reference.points.size() < 2 || test.points.size() < 2) continue;
      task.bd_rates.push_back(
          {reference.codec, test.codec,
           bd_rate(points_of(task, reference, false), points_of(task, test, false)),
           bd_rate(points_of(task, reference, true), points_of(task, test, true))});
    }
  }
}

class Reader {
 public:
  explicit Reader(const std::string &folder) : folder_(folder) {}

  Summary read() {
    std::ifstream file(folder_ + "/run.json");
    if (!file)
      throw Error(folder_ + ": there is no run.json, so feature-bench run has not been here");
    run_ = Json::parse(file, nullptr, false);
    if (!run_.is_object() || !run_.contains("tasks") || !run_.contains("codecs"))
      throw Error(folder_ + "/run.json: this is not a run's description");
    const Json &tasks = run_["identity"]["manifest"]["tasks"];
    std::map<std::string, std::string> names;
    for (const Json &task : tasks) names[name_of(task)] = task.value("part-of", name_of(task));
    ByTask records = sort_records(read_results(folder_ + "/results.jsonl", false), names);
    if (records.empty()) throw Error(folder_ + "/results.jsonl: there are no results");
    summary_.suite = run_["suite"];
    summary_.machine = run_["machine"];
    for (const Json &codec : run_["codecs"]) summary_.codecs[codec["name"]] = codec;
    for (const Json &task : tasks) {
      if (!run_["tasks"].contains(name_of(task))) continue;
      // Parts are reported on in the place of the first.
      const auto found = records.extract(names[name_of(task)]);
      if (found) add_task(found.key(), task, found.mapped());
    }
    return std::move(summary_);
  }

 private:
  static std::string name_of(const Json &task) {
    return task.value("name", task["task"].get<std::string>());
  }

  void add_task(const std::string &name, const Json &description, const ByCodec &records) {
    const std::string kind = description["task"];
    TaskSummary task;
    task.name = name;
    task.task = kind;
    task.metric_name = metric_name(kind);
    task.lower_is_better = kind == "dpt" || kind == "tti";
    task.region = run_["tasks"][name_of(description)].value("region", Json());
    const auto raw = records.find("raw");
    const Samples original = raw != records.end() ? raw->second.begin()->second : Samples();
    for (const Json &codec : run_["codecs"]) {
      const auto found = records.find(codec["name"]);
      if (found != records.end()) add_curve(task, codec, found->second, original);
    }
    compare(task);
    warn(task, original);
    summary_.tasks.push_back(std::move(task));
  }

  // The original's records of the samples that `others` has, too.
  static Metric original_of(const std::string &task, const Samples &original,
                            const Samples &others) {
    Metric metric(task);
    for (const auto &[number, record] : original) {
      const auto other = others.find(number);
      if (other != others.end() && !other->second.contains("error") && !record.contains("error"))
        metric.add(record);
    }
    return metric;
  }

  static void add_curve(TaskSummary &task, const Json &codec, const ByRate &rates,
                        const Samples &original) {
    Curve curve;
    curve.codec = codec["name"];
    curve.trained_on = codec.value("trained-on", "");
    for (const auto &[rate, samples] : rates) {
      Metric metric(task.task);
      Point point = add_up(rate, samples, metric);
      const Metric reference = original_of(task.task, original, samples);
      point.metric = metric.value(&reference);
      point.greedy = metric.greedy();
      point.original = reference.value(&reference);
      if (point.original && point.metric)
        point.accuracy_drop = drop(task.task, *point.original, *point.metric);
      curve.points.push_back(std::move(point));
    }
    std::stable_sort(curve.points.begin(), curve.points.end(), [](const Point &a, const Point &b) {
      return a.samples > 0 && (b.samples == 0 || a.bpfp > b.bpfp);
    });
    curve.r_squared = line_fit(curve);
    task.curves.push_back(std::move(curve));
  }

  void warn(const TaskSummary &task, const Samples &original) {
    const Point *first = task.original();
    std::map<size_t, std::string> fewer;  // samples, and the codecs that have so many
    for (const Curve &curve : task.curves) {
      size_t samples = 0;
      for (const Point &point : curve.points) {
        if (point.failed > 0)
          note(task.name + ", " + curve.codec + (point.rate.empty() ? "" : ", " + point.rate) +
               ": " + std::to_string(point.failed) + " of " +
               std::to_string(point.failed + point.samples) + " samples failed");
        else if (first != nullptr && first->samples != point.samples)
          samples = point.samples;
      }
      if (samples > 0) fewer[samples] += (fewer[samples].empty() ? "" : ", ") + curve.codec;
    }
    for (const auto &[samples, codecs] : fewer)
      note(task.name + ": " + std::to_string(samples) + " samples for " + codecs +
           ", the original has " + std::to_string(first->samples) +
           "; drops and FID compare with the original of the same samples");
    const ActivationStatistics activations =
        original_of(task.task, original, original).activations();
    if (activations.count() > 0 && activations.count() <= activations.dimensions())
      note(task.name + ": FID from " + std::to_string(activations.count()) + " images in " +
           std::to_string(activations.dimensions()) +
           " dimensions says little; more images than dimensions are needed");
    if (first == nullptr || !first->metric)
      note(task.name + ": no head has judged these features, so there is no " + task.metric_name);
  }
  void note(const std::string &text) { summary_.notes.push_back(text); }

  std::string folder_;
  Json run_;
  Summary summary_;
};

}  // namespace

const Curve *TaskSummary::find(const std::string &codec) const {
  for (const Curve &curve : curves)
    if (curve.codec == codec) return &curve;
  return nullptr;
}

const Point *TaskSummary::original() const {
  const Curve *raw = find("raw");
  return raw != nullptr && !raw->points.empty() ? &raw->points.front() : nullptr;
}

Summary summarize(const std::string &folder) {
  return Reader(folder).read();
}

}  // namespace feat::bench
