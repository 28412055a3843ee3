// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/profile/report_files.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "codecs/feature/learn/rate_curve.h"
#include "pipelines/profile/npy_features.h"

namespace feat::profile {

namespace {

using native::LearnReport;
using native::ProfileData;

void write_file(const std::string &folder, const char *name, const std::string &text) {
  const std::string path = folder + "/" + name;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error(path + ": cannot be written");
}

std::string spectrum_table(const LearnReport &report) {
  const bool samples = report.eigenvalues.size() == report.variances.size();
  std::string text =
      samples ? "component,variance,correlation,eigenvalue\n" : "component,variance,correlation\n";
  for (size_t k = 0; k < report.variances.size(); ++k) {
    text += std::to_string(k) + "," + to_text(report.variances[k]) + "," +
            to_text(report.correlations[k]);
    if (samples) text += "," + to_text(report.eigenvalues[k]);
    text += "\n";
  }
  return text;
}

std::string rate_table(const LearnReport &report) {
  std::string text = "snr_db,one_variance,per_channel,profile,with_previous\n";
  for (const native::RatePoint &p : report.curve)
    text += to_text(p.snr_db) + "," + to_text(p.one_variance) + "," + to_text(p.per_channel) + "," +
            to_text(p.profile) + "," + to_text(p.with_previous) + "\n";
  return text;
}

std::string json(const ProfileData &data, const LearnReport &report) {
  std::string text =
      "{\n  \"name\": " + to_json(data.name) + ",\n  \"origin\": " + to_json(data.origin);
  const auto add = [&](const char *name, const std::string &value) {
    text += std::string(",\n  \"") + name + "\": " + value;
  };
  add("channels", std::to_string(report.channels));
  add("components", std::to_string(report.components));
  add("positions", std::to_string(report.positions));
  if (report.features > 0) {
    add("features", std::to_string(report.features));
    add("rows", std::to_string(report.rows));
    add("independent_rows", to_text(report.independent_rows));
    add("position_bits", to_text(report.position_bits));
  }
  add("variance", to_text(report.variance));
  add("coding_gain_db", to_text(report.coding_gain_db));
  std::string curve;
  for (const native::RatePoint &p : report.curve)
    curve += std::string(curve.empty() ? "" : ",") + "\n    {\"snr_db\": " + to_text(p.snr_db) +
             ", \"one_variance\": " + to_text(p.one_variance) +
             ", \"per_channel\": " + to_text(p.per_channel) +
             ", \"profile\": " + to_text(p.profile) +
             ", \"with_previous\": " + to_text(p.with_previous) + "}";
  add("curve", "[" + curve + "\n  ]");
  return text + "\n}\n";
}

constexpr const char *kScript = R"(# gnuplot report.gnuplot
set terminal svg size 900,900 background rgb 'white' font 'sans,14'
set output 'report.svg'
set datafile separator ','
set multiplot layout 2,1
set grid
set logscale y
set format y '10^{%T}'
set xlabel 'component'
set ylabel 'variance'
plot 'spectrum.csv' using 1:2 with lines linewidth 2 title 'variance of the components'
unset logscale y
set format y '%g'
set xlabel 'signal to noise ratio (dB)'
set ylabel 'bits a value'
set key left top
plot 'rate.csv' using 1:2 with lines linewidth 2 title 'one variance', \
     '' using 1:3 with lines linewidth 2 title 'a variance for each channel', \
     '' using 1:4 with lines linewidth 2 title 'components of the profile', \
     '' using 1:5 with lines linewidth 2 title 'and the row before'
)";

bool run_gnuplot(const std::string &folder) {
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    if (chdir(folder.c_str()) != 0) _exit(127);
    execlp("gnuplot", "gnuplot", "report.gnuplot", static_cast<char *>(nullptr));
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::string to_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string to_json(const std::string &text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

LearnReport report_of(const ProfileData &data) {
  LearnReport report;
  report.channels = data.channels;
  report.components = data.components;
  report.positions = data.positions;
  report.channel_variances.assign(data.channels, 0);
  for (size_t k = 0; k < data.components; ++k) {
    const double variance = double{data.deviations[k]} * data.deviations[k];
    report.variances.push_back(variance);
    report.correlations.push_back(data.correlations[k]);
    for (size_t c = 0; c < data.channels; ++c) {
      const double number = data.basis[k * data.channels + c];
      report.channel_variances[c] += number * number * variance;
    }
  }
  for (const double variance : report.channel_variances)
    report.variance += variance / data.channels;
  native::fill_rates(report);
  return report;
}

bool write_report(const std::string &folder, const ProfileData &data, const LearnReport &report) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(folder + ": " + error.message());
  write_file(folder, "report.json", json(data, report));
  write_file(folder, "spectrum.csv", spectrum_table(report));
  write_file(folder, "rate.csv", rate_table(report));
  write_file(folder, "report.gnuplot", kScript);
  return run_gnuplot(folder);
}

}  // namespace feat::profile
