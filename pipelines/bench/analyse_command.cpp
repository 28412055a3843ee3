// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "pipelines/bench/analyse_files.h"
#include "pipelines/bench/analyse_series.h"
#include "pipelines/bench/commands.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/feature_store.h"
#include "pipelines/bench/manifest.h"

namespace feat::bench {

namespace {

namespace fs = std::filesystem;

struct AnalyseArguments {
  std::vector<std::string> inputs;
  std::string out;
  std::string run;
  std::vector<std::string> tasks;
  size_t samples = 0;  // 0: all
  int layer_axis = -1;
  bool batch = false;
  std::vector<double> range;
  std::vector<size_t> block_at;
  AnalyseOptions options;
};

std::vector<std::string> npy_files_below(const std::string &folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".npy" && !entry->is_directory())
      files.push_back(entry->path().string());
  if (error) throw Error(folder + ": " + error.message());
  if (files.empty()) throw Error(folder + ": there is no .npy file in this folder");
  std::sort(files.begin(), files.end());
  return files;
}

// Each file is a sample, or each part of a file along its first axis.
Series series_of_files(const std::string &name, const std::vector<std::string> &files, bool batch) {
  struct Place {
    std::string path;
    std::optional<size_t> part;
  };
  auto places = std::make_shared<std::vector<Place>>();
  for (const std::string &path : files) {
    const NpyFile file(path);
    if (batch && file.shape().size() < 2)
      throw Error(path + ": an array of shape " + to_text(file.shape()) +
                  " has no samples along its first axis");
    if (!batch) places->push_back({path, std::nullopt});
    for (size_t part = 0; batch && part < static_cast<size_t>(file.shape()[0]); ++part)
      places->push_back({path, part});
  }
  Series series;
  series.name = name;
  series.samples = places->size();
  series.read = [places](size_t sample) {
    const Place &place = (*places)[sample];
    const NpyFile file(place.path);
    return place.part ? file.read_part(*place.part) : file.read();
  };
  series.describe = [places](size_t sample) {
    const Place &place = (*places)[sample];
    return place.path + (place.part ? ", sample " + std::to_string(*place.part) : "");
  };
  return series;
}

// The axis whose indices have ranges of their own is that of the layers.
std::optional<int> layer_axis_of(const Task &task) {
  if (task.truncation.vtm.axis >= 0) return task.truncation.vtm.axis;
  return task.task == "dpt" ? std::optional(1) : std::nullopt;
}

Series series_of_task(const Task &task, const AnalyseArguments &arguments) {
  const auto copy = std::make_shared<Task>(task);
  const auto store = std::make_shared<FeatureStore>(*copy, arguments.run);
  Series series;
  series.name = task.name;
  series.samples = store->samples();
  series.layer_axis = layer_axis_of(task);
  series.read = [copy, store](size_t sample) {
    if (!store->has(sample))
      throw Error("task " + copy->name + ": the feature of sample " + std::to_string(sample) +
                  " is not there yet; feature-bench run computes it, and --run names its folder");
    return store->read(sample);
  };
  series.describe = [copy](size_t sample) {
    return "task " + copy->name + ", sample " + std::to_string(sample);
  };
  return series;
}

void add_tasks(const std::string &path, const AnalyseArguments &arguments,
               std::vector<Series> &all) {
  const Manifest manifest = read_manifest(path);
  for (const std::string &name : arguments.tasks)
    if (std::none_of(manifest.tasks.begin(), manifest.tasks.end(),
                     [&](const Task &task) { return task.name == name; }))
      throw Error(path + ": there is no task " + name);
  for (const Task &task : manifest.tasks)
    if (arguments.tasks.empty() ||
        std::count(arguments.tasks.begin(), arguments.tasks.end(), task.name) > 0)
      all.push_back(series_of_task(task, arguments));
}

std::vector<Series> series_of(const AnalyseArguments &arguments) {
  std::vector<Series> all;
  for (const std::string &path : arguments.inputs) {
    std::error_code error;
    if (!fs::exists(path, error)) throw Error(path + ": there is no such file or folder");
    if (fs::path(path).extension() == ".json") {
      add_tasks(path, arguments, all);
      continue;
    }
    const bool folder = fs::is_directory(path, error);
    const fs::path whole = fs::absolute(path).lexically_normal();
    const std::string name = (whole.has_filename() ? whole : whole.parent_path()).stem().string();
    all.push_back(series_of_files(
        name, folder ? npy_files_below(path) : std::vector<std::string>{path}, arguments.batch));
  }
  for (Series &series : all) {
    if (arguments.samples > 0) series.samples = std::min(series.samples, arguments.samples);
    if (arguments.layer_axis >= 0) series.layer_axis = arguments.layer_axis;
  }
  return all;
}

AnalyseOptions options_of(const AnalyseArguments &arguments) {
  AnalyseOptions options = arguments.options;
  if (!arguments.range.empty()) {
    const auto low = static_cast<float>(arguments.range[0]);
    const auto high = static_cast<float>(arguments.range[1]);
    if (!std::isfinite(low) || !std::isfinite(high) || !(low < high))
      throw Error("--range: the minimum " + std::to_string(low) + " is not below the maximum " +
                  std::to_string(high));
    options.range = {low, high};
  }
  if (!arguments.block_at.empty())
    options.block_at = {arguments.block_at[0], arguments.block_at[1]};
  return options;
}

void run_analysis(const AnalyseArguments &arguments) {
  const AnalyseOptions options = options_of(arguments);
  std::vector<Findings> all;
  const std::vector<Series> series = series_of(arguments);
  for (const Series &one : series) {
    std::fprintf(stderr, "%s: %zu samples\n", one.name.c_str(), one.samples);
    for (Findings &findings : analyse(one, options)) all.push_back(std::move(findings));
  }
  write_analysis(arguments.out, all, options);
  for (const char *name :
       {"analysis.html", "analysis.json", "statistics.csv", "histogram.csv", "blocks.csv"})
    std::printf("%s/%s\n", arguments.out.c_str(), name);
}

constexpr const char *kFooter =
    R"(An .npy file or a folder of them is one series: a row of the table and a picture. A manifest has a
series for each task. Features that an edge model gives are those of a run, which --run names.

Examples:
  feature-bench analyse layer10.npy layer40.npy --out analysis
  feature-bench analyse features/dpt --layers 1 --samples 10 --out analysis
  feature-bench analyse pipelines/suite/data/suite.json --run results --out analysis)";

}  // namespace

void add_analyse(CLI::App &app) {
  CLI::App *command = app.add_subcommand(
      "analyse", "distribution, redundancy and blocks of features: HTML, CSV, JSON");
  const auto arguments = std::make_shared<AnalyseArguments>();
  command->add_option("INPUT", arguments->inputs, ".npy files, folders of them, suite manifests")
      ->required();
  command->add_option("-o,--out", arguments->out, "folder to write to")->required();
  command->add_option("--run", arguments->run, "folder of a run, for features of edge models");
  command
      ->add_option("--task", arguments->tasks,
                   "only this task of a manifest; may be given several times")
      ->allow_extra_args(false);
  command->add_option("--samples", arguments->samples, "only so many samples of each series")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--layers", arguments->layer_axis, "axis whose indices are series of their own")
      ->check(CLI::Range(0, 5));
  command->add_flag("--batch", arguments->batch, "the first axis of an .npy file is the sample");
  command->add_option("--bins", arguments->options.bins, "bins of the histogram")
      ->capture_default_str()
      ->check(CLI::Range(2, 65536));
  command
      ->add_option("--range", arguments->range,
                   "what the 10 bits of IV and GM span (default: each sample's own)")
      ->type_name("MIN MAX")
      ->expected(2);
  command->add_option("--block-size", arguments->options.block, "side of the block")
      ->capture_default_str()
      ->check(CLI::Range(2, 64));
  command
      ->add_option("--block-at", arguments->block_at, "its first row and column (default: middle)")
      ->type_name("ROW COLUMN")
      ->expected(2);
  command->footer(kFooter);
  command->callback([arguments] { run_analysis(*arguments); });
}

}  // namespace feat::bench
