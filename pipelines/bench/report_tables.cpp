// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>

#include "pipelines/bench/page.h"
#include "pipelines/bench/report_sections.h"

namespace feat::bench {

namespace {

constexpr const char *kAblations[] = {"trunc",     "quant",      "trunc-quant",
                                      "quant-vvc", "vvc-narrow", "vvc-wide"};

bool is_ablation(const std::string &codec) {
  return std::find(std::begin(kAblations), std::end(kAblations), codec) != std::end(kAblations);
}

std::string heading(const TaskSummary &task) {
  return "<h3>" + escaped(task.name) + "</h3>\n";
}

std::string paragraph(const std::string &text) {
  return "<p>" + text + "</p>\n";
}

std::string name_of(const Curve &curve) {
  if (curve.codec == "raw") return "original";
  if (curve.codec == "last-token") return "last token only (control)";
  return curve.codec;
}

std::string codec_and_rate(const Curve &curve, const Point &point) {
  return name_of(curve) + (point.rate.empty() ? "" : " " + point.rate);
}

std::string milliseconds(double seconds) {
  return shown(1000 * seconds, 3);
}

std::string unit_of(const TaskSummary &task) {
  return task.metric_name + (task.task == "dpt" ? " (m)" : task.task == "tti" ? "" : " (%)");
}

std::string range_text(const TaskSummary &task, double scale) {
  std::string text;
  const nlohmann::json &min = task.region.at("min");
  const nlohmann::json &max = task.region.at("max");
  // As codecs.cpp has it: of several ranges the first half stays.
  const size_t first = min.size() > 1 ? min.size() / 2 : 0;
  for (size_t i = first; i < min.size(); ++i)
    text += (text.empty() ? "[" : ", [") + shown(min[i].get<double>() * scale, 3) + ", " +
            shown(max[i].get<double>() * scale, 3) + "]";
  return text;
}

std::string table_10(const Summary &summary) {
  std::vector<std::string> heads = {"configuration"};
  for (const TaskSummary &task : summary.tasks) heads.push_back(task.name + ", " + unit_of(task));
  Table table(heads);
  const std::pair<const char *, const char *> rows[] = {
      {"raw", "original"},
      {"trunc", "truncation only"},
      {"quant", "quantisation only"},
      {"trunc-quant", "truncation + quantisation"},
      {"quant-vvc", "quantisation + vvc QP 22"},
  };
  bool any = false;
  for (const auto &[codec, title] : rows) {
    std::vector<std::string> cells = {title};
    for (const TaskSummary &task : summary.tasks) {
      // The original counts on the samples that the others were measured with.
      const bool is_original = std::string(codec) == "raw";
      const Curve *curve = task.find(is_original ? "trunc" : codec);
      const Point *point = curve != nullptr && !curve->points.empty() ? &curve->points[0] : nullptr;
      any = any || point != nullptr;
      cells.push_back(point == nullptr ? "–"
                                       : shown(is_original ? point->original : point->metric));
    }
    table.add(cells, std::string(codec) == "raw");
  }
  return any ? "<h3>Table 10: truncation and quantisation</h3>\n" + table.html() : "";
}

std::string table_11(const Summary &summary) {
  std::string html;
  for (const TaskSummary &task : summary.tasks) {
    Table table({"range", "rate", "BPFP", unit_of(task), "MSE"});
    for (const auto &[codec, scale] :
         {std::pair{"vvc-narrow", 0.25}, std::pair{"vvc", 1.0}, std::pair{"vvc-wide", 1.5}}) {
      const Curve *curve = task.find(codec);
      if (curve == nullptr || task.find("vvc-narrow") == nullptr) continue;
      for (const Point &point : curve->points)
        table.add({range_text(task, scale), point.rate, shown(point.bpfp), shown(point.metric),
                   shown(point.mse)},
                  scale == 1.0);
    }
    if (!table.empty()) html += heading(task) + table.html();
  }
  if (html.empty()) return {};
  return "<h3>Table 11: ranges of truncation</h3>\n" +
         paragraph(
             "A quarter of the range of the conditions, the range itself, and one and a half. "
             "Where layers have ranges of their own, the first half keeps them.") +
         html;
}

}  // namespace

std::vector<const Curve *> main_curves(const TaskSummary &task) {
  std::vector<const Curve *> curves;
  for (const Curve &curve : task.curves)
    if (!is_ablation(curve.codec) && (curve.trained_on.empty() || curve.trained_on == task.name ||
                                      curve.trained_on == task.task))
      curves.push_back(&curve);
  return curves;
}

Section rate_and_metric(const Summary &summary) {
  std::string html = paragraph(
      "BPFP is bits per feature point: all bits that leave the encoder, headers and descriptions "
      "included, over the elements of the feature. Payload is without them, where the codec tells. "
      "AD is the accuracy drop: by how many per cent the metric falls (for dpt 1/RMSE). MSE is "
      "against the original, MSE of the truncated against what the codec was given.");
  for (const TaskSummary &task : summary.tasks) {
    std::vector<std::string> heads = {"codec, rate",          "BPFP",   "payload",
                                      unit_of(task),          "AD (%)", "MSE",
                                      "MSE of the truncated", "samples"};
    if (task.task == "csr") heads.push_back("greedy (%)");
    Table table(heads);
    for (const Curve *curve : main_curves(task))
      for (const Point &point : curve->points) {
        std::vector<std::string> cells = {
            codec_and_rate(*curve, point), shown(point.bpfp),
            shown(point.payload_bpfp),     shown(point.metric),
            shown(point.accuracy_drop, 3), shown(point.mse),
            shown(point.mse_truncated),    std::to_string(point.samples)};
        if (task.task == "csr") cells.push_back(shown(point.greedy));
        table.add(cells, point.rate.empty());
      }
    html += heading(task) + table.html();
  }
  return {"table3", "Table 3: rate, metric and distortion", html};
}

Section distortion_metric(const Summary &summary) {
  std::vector<std::string> heads = {"codec"};
  for (const TaskSummary &task : summary.tasks) heads.push_back(task.name);
  Table table(heads);
  for (const auto &[name, codec] : summary.codecs) {
    std::vector<std::string> cells = {name};
    bool any = false;
    for (const TaskSummary &task : summary.tasks) {
      const Curve *curve = task.find(name);
      cells.push_back(curve != nullptr ? shown(curve->r_squared) : "–");
      any = any || (curve != nullptr && curve->r_squared);
    }
    if (any && !is_ablation(name)) table.add(cells);
  }
  return {
      "table5", "Table 5: distortion and accuracy (R²)",
      table.empty()
          ? paragraph("There is nothing to fit: a codec needs three rates and a metric.")
          : paragraph("R² of the best straight line from MSE to the metric over a codec's "
                      "rates, the original left out. Near 1, MSE tells how well the task goes.") +
                table.html()};
}

Section times(const Summary &summary) {
  const nlohmann::json &machine = summary.machine;
  const int workers = machine.value("workers", 1);
  std::string html = paragraph(
      "Mean time of a sample in milliseconds, in pipelines that are kept: from the tensor's entry "
      "to "
      "the last byte's exit, and back. Clipping, quantising and packing are inside; reading files "
      "and the task head are not. Codecs that need the end of the stream (encoders of other "
      "projects) are opened anew for each sample, and that is inside, too. Measured with " +
      (workers == 1 ? "one worker" : std::to_string(workers) + " workers at once") + " on " +
      std::to_string(machine.value("cores", 1)) + " cores: for times alone, run with --jobs 1.");
  std::vector<std::string> heads = {"codec, rate"};
  for (const TaskSummary &task : summary.tasks) {
    heads.push_back(task.name + " enc.");
    heads.push_back(task.name + " dec.");
  }
  Table table(heads);
  // A row for each codec and rate that any task has, in the tasks' order.
  std::vector<std::pair<std::string, std::string>> rows;
  for (const TaskSummary &task : summary.tasks)
    for (const Curve *curve : main_curves(task))
      for (const Point &point : curve->points)
        if (curve->codec != "raw" && curve->codec != "last-token" &&
            std::find(rows.begin(), rows.end(), std::pair(curve->codec, point.rate)) == rows.end())
          rows.emplace_back(curve->codec, point.rate);
  for (const auto &[codec, rate] : rows) {
    std::vector<std::string> cells = {codec + " " + rate};
    for (const TaskSummary &task : summary.tasks) {
      const Curve *curve = task.find(codec);
      const Point *found = nullptr;
      if (curve != nullptr)
        for (const Point &point : curve->points)
          if (point.rate == rate) found = &point;
      cells.push_back(found != nullptr ? milliseconds(found->encode_s) : "–");
      cells.push_back(found != nullptr ? milliseconds(found->decode_s) : "–");
    }
    table.add(cells);
  }
  return {"table8", "Table 8: encoding and decoding time", html + table.html()};
}

Section ablation(const Summary &summary) {
  const std::string html = table_10(summary) + table_11(summary);
  return {"table10", "Tables 10 and 11: truncation and quantisation",
          html.empty() ? paragraph("Not in these results; <code>feature-bench run … "
                                   "--truncation-ablation</code> adds it.")
                       : html};
}

Section bd_rates(const Summary &summary) {
  std::string html = paragraph(
      "How many per cent more bits the codec of the row needs than the reference for the same MSE, "
      "or "
      "the same metric: the mean over what both reach, curves being monotone piecewise cubics "
      "(PCHIP) of log rate. Points that cost more than a better one are left out. Negative is "
      "fewer "
      "bits. A dash: there is nothing that both reach.");
  bool any = false;
  for (const TaskSummary &task : summary.tasks) {
    std::set<std::string> shown_codecs;
    for (const Curve *curve : main_curves(task)) shown_codecs.insert(curve->codec);
    Table table({"codec", "reference", "on MSE", "on " + task.metric_name});
    for (const BdRate &bd : task.bd_rates)
      if (shown_codecs.contains(bd.reference) && shown_codecs.contains(bd.test))
        table.add({bd.test, bd.reference, percent(bd.mse), percent(bd.metric)});
    if (table.empty()) continue;
    any = true;
    html += heading(task) + table.html();
  }
  return {"bdrate", "BD-rate", any ? html : paragraph("There are no two codecs with two rates.")};
}

}  // namespace feat::bench
