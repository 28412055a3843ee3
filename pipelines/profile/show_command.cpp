// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "codecs/feature/profile.h"
#include "pipelines/profile/commands.h"
#include "pipelines/profile/npy_features.h"
#include "pipelines/profile/report_files.h"

namespace feat::profile {

namespace {

using native::LearnReport;
using native::Profile;
using native::ProfileData;

struct LoadedProfile {
  std::shared_ptr<const Profile> profile;
  size_t bytes = 0;
};

LoadedProfile load(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be opened");
  const std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)),
                                   std::istreambuf_iterator<char>());
  LoadedProfile loaded;
  loaded.bytes = bytes.size();
  const native::Status status = Profile::parse(bytes, loaded.profile);
  if (!status.ok()) throw Error(path + ": " + status.message);
  return loaded;
}

// Least number of components that have this share of the variance.
size_t components_for(const LearnReport &report, double share) {
  const double wanted = share * report.variance * report.channels;
  double sum = 0;
  size_t count = 0;
  while (count < report.variances.size() && sum < wanted) sum += report.variances[count++];
  return count;
}

std::string hash_text(const Profile &profile) {
  char text[20];
  std::snprintf(text, sizeof text, "%016" PRIx64, profile.hash());
  return text;
}

double mean_correlation(const LearnReport &report) {
  double sum = 0;
  double weight = 0;
  for (size_t k = 0; k < report.variances.size(); ++k) {
    sum += report.correlations[k] * report.variances[k];
    weight += report.variances[k];
  }
  return weight > 0 ? sum / weight : 0;
}

void print_text(const LoadedProfile &loaded, const LearnReport &report) {
  const ProfileData &data = loaded.profile->data();
  std::printf("name         %s\n", data.name.c_str());
  std::printf("origin       %s\n", data.origin.c_str());
  std::printf("hash         %s\n", hash_text(*loaded.profile).c_str());
  std::printf("file         %zu bytes\n", loaded.bytes);
  std::printf("channels     %u%s\n", data.channels, data.weights.empty() ? "" : ", weighted");
  std::printf("components   %u\n", data.components);
  std::printf("positions    %u\n", data.positions);
  std::printf("variance     %s a value; half in %zu components, 90 %% in %zu, 99 %% in %zu\n",
              to_text(report.variance).c_str(), components_for(report, 0.5),
              components_for(report, 0.9), components_for(report, 0.99));
  std::printf("correlation  %.2f with the row before\n", mean_correlation(report));
  if (report.variances.size() == report.channels)
    std::printf("coding gain  %.2f dB over the variances of the channels\n", report.coding_gain_db);
  std::printf("bits a value at an SNR of\n");
  for (const int snr : {5, 10, 20, 30}) {
    if (static_cast<size_t>(snr) >= report.curve.size()) break;
    const native::RatePoint &p = report.curve[static_cast<size_t>(snr)];
    std::printf("  %2d dB      %.3f, with channels instead of components %.3f\n", snr, p.profile,
                p.per_channel);
  }
}

void print_json(const LoadedProfile &loaded, const LearnReport &report) {
  const ProfileData &data = loaded.profile->data();
  std::printf("{\"name\": %s, \"origin\": %s, \"hash\": \"%s\", \"bytes\": %zu, ",
              to_json(data.name).c_str(), to_json(data.origin).c_str(),
              hash_text(*loaded.profile).c_str(), loaded.bytes);
  std::printf("\"channels\": %u, \"components\": %u, \"positions\": %u, \"weighted\": %s, ",
              data.channels, data.components, data.positions,
              data.weights.empty() ? "false" : "true");
  std::printf("\"variance\": %s, \"correlation\": %s, \"coding_gain_db\": %s}\n",
              to_text(report.variance).c_str(), to_text(mean_correlation(report)).c_str(),
              to_text(report.coding_gain_db).c_str());
}

}  // namespace

void show(const std::string &path, bool as_json) {
  const LoadedProfile loaded = load(path);
  const LearnReport report = report_of(loaded.profile->data());
  if (as_json)
    print_json(loaded, report);
  else
    print_text(loaded, report);
}

void report(const std::string &path, const std::string &folder) {
  const LoadedProfile loaded = load(path);
  const ProfileData &data = loaded.profile->data();
  const bool picture = write_report(folder, data, report_of(data));
  std::printf("%s: report.json, spectrum.csv, rate.csv%s\n", folder.c_str(),
              picture ? ", report.svg" : " (no picture: gnuplot is missing or failed)");
}

}  // namespace feat::profile
