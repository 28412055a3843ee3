// SPDX-License-Identifier: LGPL-2.1-or-later
// The summary for programs: JSON and CSV.
#include <cmath>
#include <sstream>

#include "pipelines/bench/csv.h"
#include "pipelines/bench/report_files.h"

namespace feat::bench {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}
Json number(const std::optional<double> &value) {
  return value ? number(*value) : Json();
}

Json to_json(const Point &p) {
  return {{"rate", p.rate},
          {"samples", p.samples},
          {"failed", p.failed},
          {"bpfp", number(p.bpfp)},
          {"payload_bpfp", number(p.payload_bpfp)},
          {"metric", number(p.metric)},
          {"original_metric", number(p.original)},
          {"greedy", number(p.greedy)},
          {"accuracy_drop", number(p.accuracy_drop)},
          {"mse", number(p.mse)},
          {"mse_truncated", number(p.mse_truncated)},
          {"encode_s", number(p.encode_s)},
          {"decode_s", number(p.decode_s)}};
}

Json to_json(const Curve &curve) {
  Json points = Json::array();
  for (const Point &point : curve.points) points.push_back(to_json(point));
  return {{"codec", curve.codec},
          {"trained_on", curve.trained_on},
          {"r_squared", number(curve.r_squared)},
          {"points", points}};
}

Json to_json(const TaskSummary &task) {
  Json curves = Json::array();
  for (const Curve &curve : task.curves) curves.push_back(to_json(curve));
  Json rates = Json::array();
  for (const BdRate &bd : task.bd_rates)
    rates.push_back({{"reference", bd.reference},
                     {"test", bd.test},
                     {"mse", number(bd.mse)},
                     {"metric", number(bd.metric)}});
  return {{"name", task.name},          {"task", task.task},
          {"metric", task.metric_name}, {"lower_is_better", task.lower_is_better},
          {"curves", curves},           {"bd_rate", rates}};
}

std::string cell(double value) {
  if (!std::isfinite(value)) return "";
  std::ostringstream text;
  text.precision(10);
  text << value;
  return text.str();
}
std::string cell(const std::optional<double> &value) {
  return value ? cell(*value) : "";
}
std::string cell(const std::string &text) {
  return csv_field(text);
}

}  // namespace

std::string to_json_text(const Summary &summary) {
  Json tasks = Json::array();
  for (const TaskSummary &task : summary.tasks) tasks.push_back(to_json(task));
  const Json all = {{"suite", summary.suite},
                    {"machine", summary.machine},
                    {"notes", summary.notes},
                    {"tasks", tasks}};
  return all.dump(1) + "\n";
}

std::string to_csv(const Summary &summary) {
  std::string text =
      "task,codec,rate,samples,failed,bpfp,payload_bpfp,metric_name,metric,accuracy_drop,mse,"
      "mse_truncated,encode_s,decode_s\n";
  for (const TaskSummary &task : summary.tasks)
    for (const Curve &curve : task.curves)
      for (const Point &p : curve.points) {
        const std::string cells[] = {cell(task.name),
                                     cell(curve.codec),
                                     cell(p.rate),
                                     std::to_string(p.samples),
                                     std::to_string(p.failed),
                                     cell(p.bpfp),
                                     cell(p.payload_bpfp),
                                     cell(task.metric_name),
                                     cell(p.metric),
                                     cell(p.accuracy_drop),
                                     cell(p.mse),
                                     cell(p.mse_truncated),
                                     cell(p.encode_s),
                                     cell(p.decode_s)};
        bool first = true;
        for (const std::string &value : cells) {
          text += (first ? "" : ",") + value;
          first = false;
        }
        text += "\n";
      }
  return text;
}

}  // namespace feat::bench
