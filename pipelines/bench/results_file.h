// SPDX-License-Identifier: LGPL-2.1-or-later
//
// results.jsonl: one record a line, appended as it comes, so that a run goes on where it was
// killed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace feat::bench {

// All whole records. The last line may be torn: then it is cut off, if `mend`, and ignored.
std::vector<nlohmann::json> read_results(const std::string &path, bool mend);

class ResultsFile {
 public:
  explicit ResultsFile(const std::string &path);
  ~ResultsFile();
  ResultsFile(const ResultsFile &) = delete;
  ResultsFile &operator=(const ResultsFile &) = delete;
  void append(const nlohmann::json &record);

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace feat::bench
