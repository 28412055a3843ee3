// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A worker as its parent sees it: a process that takes one job at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace feat::bench {

class WorkerProcess {
 public:
  // `log` gets what the worker says on its standard error.
  WorkerProcess(nlohmann::json setup, std::string log)
      : setup_(std::move(setup)), log_(std::move(log)) {}
  ~WorkerProcess() { kill(); }
  WorkerProcess(const WorkerProcess &) = delete;
  WorkerProcess &operator=(const WorkerProcess &) = delete;

  void send(const nlohmann::json &job, double limit);
  bool busy() const { return busy_; }
  int results() const { return results_; }  // a file descriptor for poll()
  double seconds_left() const;
  // What has come of the job, as far as it is there. A worker that died is an {"error": …}.
  std::optional<nlohmann::json> receive();
  // Gives a job up that takes too long.
  nlohmann::json give_up();

 private:
  using Clock = std::chrono::steady_clock;

  void start();
  void kill();
  bool write_line(const std::string &text);
  nlohmann::json died();

  nlohmann::json setup_;
  std::string log_;
  pid_t pid_ = -1;
  int jobs_ = -1;
  int results_ = -1;
  bool busy_ = false;
  double limit_ = 0;
  Clock::time_point begin_;
  std::string received_;
};

}  // namespace feat::bench
