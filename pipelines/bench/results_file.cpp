// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/results_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "pipelines/bench/error.h"

namespace feat::bench {

using Json = nlohmann::json;

std::vector<Json> read_results(const std::string &path, bool mend) {
  std::vector<Json> records;
  std::ifstream file(path, std::ios::binary);
  uint64_t whole = 0;
  size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const bool torn = file.eof();  // no newline at its end
    if (torn) break;
    Json record = Json::parse(line, nullptr, false);
    if (!record.is_object() || !record.contains("task") || !record.contains("codec") ||
        !record.contains("rate") || !record.contains("sample"))
      throw Error(path + ": line " + std::to_string(number) + " is no record");
    records.push_back(std::move(record));
    whole += line.size() + 1;
  }
  file.close();
  std::error_code error;
  if (mend && std::filesystem::file_size(path, error) > whole && !error)
    std::filesystem::resize_file(path, whole, error);
  return records;
}

ResultsFile::ResultsFile(const std::string &path)
    : path_(path), file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (file_ < 0) throw Error(path + ": cannot be written");
  if (flock(file_, LOCK_EX | LOCK_NB) != 0)
    throw Error(path + ": another feature-bench writes to it");
}

ResultsFile::~ResultsFile() {
  close(file_);
}

void ResultsFile::append(const Json &record) {
  const std::string line = record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  // One write: a process that is killed leaves a whole line, a machine that stops maybe a torn one.
  if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw Error(path_ + ": cannot be written; is the disk full?");
}

}  // namespace feat::bench
