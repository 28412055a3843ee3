// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "codecs/feature/learn/profile_learner.h"
#include "codecs/feature/profile.h"
#include "pipelines/profile/commands.h"
#include "pipelines/profile/npy_features.h"
#include "pipelines/profile/progress.h"
#include "pipelines/profile/report_files.h"

namespace feat::profile {

namespace {

using native::ProfileLearner;
using native::Status;

// Fewer rows than this for each channel make a profile that knows its samples too well.
constexpr uint64_t kFewRows = 8;

void check(const Status &status, const std::string &where) {
  if (!status.ok()) throw Error(where + ": " + status.message);
}

std::vector<float> read_weights(const std::string &path) {
  NpyFeatures file(path);
  std::vector<float> all;
  std::vector<float> values;
  while (file.next(values)) all.insert(all.end(), values.begin(), values.end());
  return all;
}

std::string describe_origin(const LearnCommand &command, const ProfileLearner &learner,
                            size_t files) {
  std::string text = std::to_string(learner.features()) + " features, " +
                     std::to_string(learner.rows()) + " rows, from ";
  text += files == 1 ? std::filesystem::path(command.paths[0]).filename().string()
                     : std::to_string(files) + " files";
  if (command.clip)
    text += ", clipped to " + to_text(command.clip->first) + "…" + to_text(command.clip->second);
  return text;
}

native::LearnOptions options_of(const LearnCommand &command) {
  native::LearnOptions options;
  options.name =
      command.name.empty() ? std::filesystem::path(command.output).stem().string() : command.name;
  if (command.clip) {
    options.clip_min = command.clip->first;
    options.clip_max = command.clip->second;
  }
  options.max_positions = command.no_positions ? 0 : command.max_positions;
  options.components = command.components;
  if (!command.weights.empty()) options.weights = read_weights(command.weights);
  options.threads = command.threads;
  return options;
}

void read_features(const std::vector<std::string> &files, ProfileLearner &learner) {
  uint64_t total = 0;
  for (const std::string &path : files) total += std::filesystem::file_size(path);
  uint64_t done = 0;
  Progress progress(total);
  std::vector<float> values;
  for (const std::string &path : files) {
    NpyFeatures features(path);
    for (uint64_t i = 0; features.next(values); ++i) {
      check(learner.add_rows(values, features.channels()),
            path + (features.features() > 1 ? ", feature " + std::to_string(i) : ""));
      done += features.feature_bytes();
      progress.show(done, std::to_string(learner.features()) + " features");
    }
  }
}

void write_profile(const std::string &path, const std::vector<uint8_t> &bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error(path + ": cannot be written");
}

void print_summary(const std::string &path, size_t bytes, const native::LearnReport &r,
                   double seconds) {
  std::printf("%s: %zu bytes; %llu features, %llu rows of %u channels, %.1f s\n", path.c_str(),
              bytes, static_cast<unsigned long long>(r.features),
              static_cast<unsigned long long>(r.rows), r.channels, seconds);
  std::printf("components: %u, %.2f dB coding gain over the variances of the channels\n",
              r.components, r.coding_gain_db);
  if (r.positions > 0)
    std::printf("means of positions: %u, which save up to %.3f bits a value\n", r.positions,
                r.position_bits);
  if (r.rows < kFewRows * r.channels)
    std::printf("note: %llu rows are few for %u channels; %llu or more are better\n",
                static_cast<unsigned long long>(r.rows), r.channels,
                static_cast<unsigned long long>(kFewRows * r.channels));
}

}  // namespace

void learn(const LearnCommand &command) {
  const auto start = std::chrono::steady_clock::now();
  const auto files = find_npy_files(command.paths);
  // The origin is known only when everything was read; the profile gets it at the end.
  ProfileLearner learner(options_of(command));
  read_features(files, learner);
  const std::string origin =
      command.origin.empty() ? describe_origin(command, learner, files.size()) : command.origin;
  if (learner.channels() >= 1024)
    std::fprintf(stderr, "computing the transform of %u channels takes a while\n",
                 learner.channels());
  native::ProfileData data;
  native::LearnReport summary;
  check(learner.finish(data, summary), "the features");
  data.origin = origin;
  std::vector<uint8_t> bytes;
  check(native::Profile::write(data, bytes), command.output);
  write_profile(command.output, bytes);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  print_summary(command.output, bytes.size(), summary, seconds.count());
  if (!command.report.empty() && !write_report(command.report, data, summary))
    std::fprintf(stderr, "%s: no picture, because gnuplot is missing or failed\n",
                 command.report.c_str());
}

}  // namespace feat::profile
