// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/analyse_files.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "pipelines/bench/array.h"
#include "pipelines/bench/csv.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/page.h"
#include "pipelines/bench/plot.h"

namespace feat::bench {

namespace {

using Json = nlohmann::ordered_json;

std::string statistics_table(const std::vector<Findings> &all) {
  std::ostringstream csv;
  csv.precision(9);
  csv << "name,samples,points,max,min,mean,variance,intensity_variance,gradient_magnitude,"
         "gradient_magnitude_8bit\n";
  for (const Findings &f : all)
    csv << csv_field(f.name) << "," << f.samples << "," << f.statistics.count() << ","
        << f.statistics.max() << "," << f.statistics.min() << "," << f.statistics.mean() << ","
        << f.statistics.variance() << "," << f.intensity_variance << "," << f.gradient_magnitude
        << "," << f.gradient_magnitude_8bit << "\n";
  return csv.str();
}

std::string histogram_table(const std::vector<Findings> &all) {
  std::ostringstream csv;
  csv.precision(9);
  csv << "name,from,to,count,cdf\n";
  for (const Findings &f : all) {
    const std::vector<double> shares = f.histogram.cumulative();
    for (size_t bin = 0; bin < shares.size(); ++bin)
      csv << csv_field(f.name) << "," << f.histogram.edge(bin) << "," << f.histogram.edge(bin + 1)
          << "," << f.histogram.count(bin) << "," << shares[bin] << "\n";
  }
  return csv.str();
}

std::string block_table(const std::vector<Findings> &all) {
  std::ostringstream csv;
  csv.precision(9);
  csv << "name,row,column,value,dct_magnitude\n";
  for (const Findings &f : all)
    for (size_t i = 0; i < f.block.values.size(); ++i)
      csv << csv_field(f.name) << "," << i / f.block.size << "," << i % f.block.size << ","
          << f.block.values[i] << "," << f.block.dct[i] << "\n";
  return csv.str();
}

Json json_of(const Findings &f) {
  Json counts = Json::array();
  for (size_t bin = 0; bin < f.histogram.bins(); ++bin) counts.push_back(f.histogram.count(bin));
  return {{"name", f.name},
          {"samples", f.samples},
          {"points", f.statistics.count()},
          {"max", f.statistics.max()},
          {"min", f.statistics.min()},
          {"mean", f.statistics.mean()},
          {"variance", f.statistics.variance()},
          {"intensity-variance", f.intensity_variance},
          {"gradient-magnitude", f.gradient_magnitude},
          {"gradient-magnitude-8bit", f.gradient_magnitude_8bit},
          {"histogram",
           {{"from", f.histogram.edge(0)},
            {"to", f.histogram.edge(f.histogram.bins())},
            {"counts", std::move(counts)}}},
          {"block",
           {{"row", f.block.row},
            {"column", f.block.column},
            {"size", f.block.size},
            {"values", f.block.values},
            {"dct-magnitudes", f.block.dct}}}};
}

std::string json_text(const std::vector<Findings> &all, const AnalyseOptions &options) {
  Json series = Json::array();
  for (const Findings &f : all) series.push_back(json_of(f));
  Json range = "each sample's own";
  if (options.range) range = {options.range->first, options.range->second};
  const Json whole = {{"ten-bit-range", std::move(range)}, {"series", std::move(series)}};
  // A name need not be UTF-8 where files come from.
  return whole.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Frequency with its logarithm, CDF on the right: the bins' middles.
std::string distribution(const Findings &f) {
  Line frequency{"frequency", {}};
  Line cdf{"CDF", {}};
  frequency.points_too = cdf.points_too = false;
  cdf.colour = 1;
  cdf.right = true;
  const std::vector<double> shares = f.histogram.cumulative();
  for (size_t bin = 0; bin < shares.size(); ++bin) {
    const double middle = (f.histogram.edge(bin) + f.histogram.edge(bin + 1)) / 2;
    frequency.points.emplace_back(middle, static_cast<double>(f.histogram.count(bin)));
    cdf.points.emplace_back(middle, shares[bin]);
  }
  Plot plot;
  plot.title = f.name;
  plot.x = "value";
  plot.y = "frequency";
  plot.right = "CDF";
  plot.log_y = true;
  plot.lines = {std::move(frequency), std::move(cdf)};
  return draw(plot);
}

// A square of grey fields, from the smallest value (black) to the largest (white).
std::string grey_block(const std::vector<double> &values, size_t size, const std::string &title) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double width = *high > *low ? *high - *low : 1;
  std::ostringstream svg;
  svg << "<svg viewBox=\"0 0 " << size << " " << size
      << "\" role=\"img\" shape-rendering=\"crispEdges\"><title>" << escaped(title) << "</title>";
  for (size_t i = 0; i < values.size(); ++i) {
    const auto grey = std::lround(255 * (values[i] - *low) / width);
    svg << "<rect x=\"" << i % size << "\" y=\"" << i / size
        << "\" width=\"1\" height=\"1\" fill=\""
        << "rgb(" << grey << "," << grey << "," << grey << ")\"/>";
  }
  svg << "</svg>";
  return svg.str();
}

// Magnitudes differ by orders: their logarithm, down to a ten-thousandth of the largest.
std::vector<double> logarithms(const std::vector<double> &magnitudes) {
  const double floor =
      std::max(*std::max_element(magnitudes.begin(), magnitudes.end()) * 1e-4, 1e-30);
  std::vector<double> result(magnitudes.size());
  std::transform(magnitudes.begin(), magnitudes.end(), result.begin(),
                 [&](double value) { return std::log10(std::max(value, floor)); });
  return result;
}

std::string figure(const std::string &svg, const std::string &caption) {
  return "<figure>" + svg + "<figcaption>" + escaped(caption) + "</figcaption></figure>\n";
}

std::string distributions(const std::vector<Findings> &all) {
  std::string text =
      "<h2 id=\"distribution\">Frequency and CDF (Figure 2)</h2>\n<p>How often a "
      "value is there, on a logarithmic axis, and the share of values up to it.</p>\n";
  std::string figures;
  for (const Findings &f : all) {
    const std::string svg = distribution(f);
    if (!svg.empty()) figures += "<figure>" + svg + "</figure>\n";
  }
  if (figures.empty()) return text + "<p>There are no pictures, because gnuplot is missing.</p>\n";
  return text + "<div class=\"figures\">" + figures + "</div>\n";
}

std::string statistics(const std::vector<Findings> &all, const AnalyseOptions &options) {
  Table table({"feature", "samples", "points", "max", "min", "mean", "IV", "GM", "GM, 8 bit"});
  for (const Findings &f : all)
    table.add({f.name, std::to_string(f.samples), std::to_string(f.statistics.count()),
               shown(f.statistics.max()), shown(f.statistics.min()), shown(f.statistics.mean()),
               shown(f.intensity_variance), shown(f.gradient_magnitude),
               shown(f.gradient_magnitude_8bit)});
  const std::string range =
      options.range ? "share " + shown(options.range->first) + " to " + shown(options.range->second)
                    : "share the range of their sample";
  return "<h2 id=\"statistics\">Statistics (Table 9)</h2>\n<p>IV is the variance of the values as "
         "integers of 10 bits, which " +
         range +
         ", and GM the mean length of their Sobel gradient within a plane; for 8 bits, the two "
         "parts of "
         "the gradient end at 255 and are averaged, which is the scale that the published numbers "
         "seem to have. All are means over the samples.</p>\n" +
         table.html();
}

std::string blocks(const std::vector<Findings> &all) {
  std::string text =
      "<h2 id=\"blocks\">Blocks and their DCT (Figure 3)</h2>\n<p>A block of the first sample's "
      "first plane, and the magnitudes of its DCT on a logarithmic scale, from a ten-thousandth of "
      "the largest on. White is large.</p>\n";
  for (const Findings &f : all) {
    const std::string size = std::to_string(f.block.size);
    const std::string place = size + "x" + size + " at row " + std::to_string(f.block.row) +
                              ", column " + std::to_string(f.block.column);
    text += "<h3>" + escaped(f.name) + "</h3>\n<div class=\"figures blocks\">" +
            figure(grey_block(f.block.values, f.block.size, f.name), place) +
            figure(grey_block(logarithms(f.block.dct), f.block.size, f.name + ", DCT"), "DCT") +
            "</div>\n";
  }
  return text;
}

std::string html(const std::vector<Findings> &all, const AnalyseOptions &options) {
  // Blocks need not be as large as plots.
  const std::string style =
      "<style>.figures.blocks { grid-template-columns: repeat(2, minmax(0, 16rem)); }</style>\n";
  return page("Features", style + "<h1>Features</h1>\n" + statistics(all, options) +
                              distributions(all) + blocks(all));
}

}  // namespace

void write_analysis(const std::string &folder, const std::vector<Findings> &all,
                    const AnalyseOptions &options) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(folder + ": " + error.message());
  write_atomically(folder + "/statistics.csv", statistics_table(all));
  write_atomically(folder + "/histogram.csv", histogram_table(all));
  write_atomically(folder + "/blocks.csv", block_table(all));
  write_atomically(folder + "/analysis.json", json_text(all, options));
  write_atomically(folder + "/analysis.html", html(all, options));
}

}  // namespace feat::bench
