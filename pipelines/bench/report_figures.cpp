// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "pipelines/bench/page.h"
#include "pipelines/bench/plot.h"
#include "pipelines/bench/report_sections.h"

namespace feat::bench {

namespace {

std::string figure(const Plot &plot) {
  const std::string svg = draw(plot);
  return svg.empty() ? "" : "<figure>" + svg + "</figure>\n";
}

std::string figures(const std::string &html) {
  return html.empty()
             ? "<p class=\"small\">No pictures: gnuplot is missing, or there is nothing to "
               "draw.</p>\n"
             : "<div class=\"figures\">\n" + html + "</div>\n";
}

// Metric over rate.
Line metric_line(const Curve &curve, const std::string &title, int colour) {
  Line line{.title = title, .points = {}, .colour = colour};
  for (const Point &point : curve.points)
    if (point.metric) line.points.emplace_back(point.bpfp, *point.metric);
  return line;
}

// "qp=32" and "32" are 32.
std::optional<double> number_of(const std::string &rate) {
  const size_t equals = rate.rfind('=');
  const std::string text = equals == std::string::npos ? rate : rate.substr(equals + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string best_codec_of(const Curve &curve) {
  return "trained on " + curve.trained_on;
}

std::string table_6(const Summary &summary, const std::vector<std::string> &trained) {
  std::vector<std::string> heads = {"codec, rate"};
  for (const TaskSummary &task : summary.tasks) {
    heads.push_back(task.name + " BPFP");
    heads.push_back(task.name + " " + task.metric_name);
  }
  Table table(heads);
  for (const std::string &codec : trained) {
    // Rates in the order of whichever task has the codec.
    std::vector<std::string> rates;
    for (const TaskSummary &task : summary.tasks)
      if (const Curve *curve = task.find(codec); curve != nullptr && rates.empty())
        for (const Point &point : curve->points) rates.push_back(point.rate);
    for (const std::string &rate : rates) {
      std::vector<std::string> cells = {codec + " " + rate};
      for (const TaskSummary &task : summary.tasks) {
        std::vector<std::string> pair = {"–", "–"};
        if (const Curve *curve = task.find(codec); curve != nullptr)
          for (const Point &point : curve->points)
            if (point.rate == rate) pair = {shown(point.bpfp), shown(point.metric)};
        cells.insert(cells.end(), pair.begin(), pair.end());
      }
      table.add(cells);
    }
  }
  return table.html();
}

Plot histogram_plot(const TaskSummary &task, const Curve &curve, const Point &point, int colour) {
  Plot plot{.title = task.name + ": " + curve.codec + " " + point.rate,
            .x = "value",
            .y = "frequency",
            .right = "CDF",
            .log_y = true,
            .lines = {}};
  const nlohmann::json &h = point.histogram;
  const double min = h["min"];
  const double max = h["max"];
  const auto add = [&](const char *name, const char *title, int c) {
    const std::vector<double> counts = h[name];
    double all = 0;
    for (const double count : counts) all += count;
    Line frequency{.title = title, .points = {}, .colour = c, .points_too = false};
    Line cdf{.title = std::string(title) + ", CDF",
             .points = {},
             .colour = c,
             .points_too = false,
             .right = true,
             .dashed = true};
    double sum = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
      const double x =
          min + (max - min) * (static_cast<double>(i) + 0.5) / static_cast<double>(counts.size());
      sum += counts[i];
      frequency.points.emplace_back(x, counts[i] / all);
      cdf.points.emplace_back(x, sum / all);
    }
    plot.lines.push_back(frequency);
    plot.lines.push_back(cdf);
  };
  constexpr int kGrey = 6;
  add("original", "original, truncated", kGrey);
  add("reconstructed", "reconstructed", colour);
  return plot;
}

}  // namespace

int colour_of(const Summary &summary, const std::string &codec) {
  int index = 0;
  for (const auto &[name, json] : summary.codecs) {
    if (name == codec) return index;
    if (name != "raw") ++index;
  }
  return index;
}

Section accuracy_drop(const Summary &summary) {
  std::string drops;
  std::set<std::string> codecs;
  for (const TaskSummary &task : summary.tasks)
    for (const Curve *curve : main_curves(task)) codecs.insert(curve->codec);
  for (const std::string &codec : codecs) {
    Plot plot{.title = "Rate and accuracy drop: " + codec,
              .x = "BPFP",
              .y = "accuracy drop (%)",
              .log_x = true,
              .lines = {}};
    int colour = 0;
    size_t most = 0;
    for (const TaskSummary &task : summary.tasks) {
      const Curve *curve = task.find(codec);
      Line line{.title = task.name, .points = {}, .colour = colour++};
      if (curve != nullptr)
        for (const Point &point : curve->points)
          if (point.accuracy_drop) line.points.emplace_back(point.bpfp, *point.accuracy_drop);
      most = std::max(most, line.points.size());
      plot.lines.push_back(line);
    }
    if (most > 1) drops += figure(plot);
  }
  std::string metrics;
  for (const TaskSummary &task : summary.tasks) {
    Plot metric{.title = task.name + ": rate and " + task.metric_name,
                .x = "BPFP",
                .y = task.metric_name,
                .log_x = true,
                .lines = {}};
    Plot mse{.title = task.name + ": rate and MSE",
             .x = "BPFP",
             .y = "MSE",
             .log_x = true,
             .log_y = true,
             .lines = {}};
    for (const Curve *curve : main_curves(task)) {
      if (curve->points.size() < 2) continue;
      const int colour = colour_of(summary, curve->codec);
      metric.lines.push_back(metric_line(*curve, curve->codec, colour));
      Line line{.title = curve->codec, .points = {}, .colour = colour};
      for (const Point &point : curve->points) line.points.emplace_back(point.bpfp, point.mse);
      mse.lines.push_back(line);
    }
    if (const Point *original = task.original();
        original != nullptr && original->metric && !metric.lines.empty()) {
      double low = INFINITY;
      double high = 0;
      for (const Line &line : metric.lines)
        for (const auto &[x, y] : line.points) {
          low = std::min(low, x);
          high = std::max(high, x);
        }
      if (low < high)
        metric.lines.push_back({.title = "original",
                                .points = {{low, *original->metric}, {high, *original->metric}},
                                .colour = 6,
                                .points_too = false,
                                .dashed = true});
    }
    metrics += figure(metric) + figure(mse);
  }
  return {"figure5", "Figure 5: rate and accuracy drop",
          "<p>How far accuracy falls as bits get fewer, one picture for each codec. TTI has no "
          "accuracy drop, as the FID of the original is 0. Below, metric and MSE themselves, one "
          "picture for each task.</p>\n" +
              figures(drops) + figures(metrics)};
}

Section generalisation(const Summary &summary) {
  std::vector<std::string> trained;
  for (const auto &[name, codec] : summary.codecs)
    if (!codec.value("trained-on", "").empty()) trained.push_back(name);
  const std::string title = "Table 6 and Figure 6: codecs on tasks that they were not trained on";
  if (trained.empty())
    return {
        "table6", title,
        "<p>Not in these results; <code>feature-bench run … --codec-file FILE</code> adds codecs "
        "with <code>trained-on</code>.</p>\n"};
  std::string pictures;
  for (const TaskSummary &task : summary.tasks) {
    Plot rates{.title = task.name + ": rate parameter and BPFP",
               .x = "rate parameter",
               .y = "BPFP",
               .log_y = true,
               .lines = {}};
    Plot metrics{.title = task.name + ": rate and " + task.metric_name,
                 .x = "BPFP",
                 .y = task.metric_name,
                 .log_x = true,
                 .lines = {}};
    for (const std::string &codec : trained) {
      const Curve *curve = task.find(codec);
      if (curve == nullptr) continue;
      const int colour = colour_of(summary, codec);
      Line line{.title = best_codec_of(*curve), .points = {}, .colour = colour};
      for (const Point &point : curve->points)
        if (const auto x = number_of(point.rate)) line.points.emplace_back(*x, point.bpfp);
      rates.lines.push_back(line);
      metrics.lines.push_back(metric_line(*curve, best_codec_of(*curve), colour));
    }
    pictures += figure(rates) + figure(metrics);
  }
  return {"table6", title,
          "<p>Each codec was trained on the features of one task and codes those of all.</p>\n" +
              table_6(summary, trained) + figures(pictures)};
}

Section histograms(const Summary &summary) {
  std::string pictures;
  for (const TaskSummary &task : summary.tasks)
    for (const Curve *curve : main_curves(task)) {
      // The coarsest rate shows most.
      const auto found =
          std::find_if(curve->points.rbegin(), curve->points.rend(),
                       [](const Point &point) { return point.histogram.is_object(); });
      if (curve->codec == "raw" || curve->codec == "last-token" || found == curve->points.rend())
        continue;
      pictures += figure(histogram_plot(task, *curve, *found, colour_of(summary, curve->codec)));
    }
  return {"figure7", "Figure 7: values before and after",
          "<p>Frequencies (solid) and their running sum (dashed, on the right) of the first sample "
          "at each codec's coarsest rate. Values outside the range count at its ends.</p>\n" +
              figures(pictures)};
}

}  // namespace feat::bench
