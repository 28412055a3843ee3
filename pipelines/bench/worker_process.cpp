// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/worker_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "pipelines/bench/error.h"
#include "pipelines/bench/worker.h"

namespace feat::bench {

namespace {

using Json = nlohmann::json;

constexpr const char *kParent = "FEATURE_BENCH_PARENT";

// A worker's group has the processes that it starts, VTM's for example: all end with it.
void end_group(int) {
  ::kill(0, SIGKILL);
}

// Between fork and exec: nothing but system calls.
[[noreturn]] void run_worker(int jobs, int results, const char *log) {
  setpgid(0, 0);
  const int log_file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  dup2(jobs, STDIN_FILENO);
  if (log_file >= 0) dup2(log_file, STDERR_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  if (results == kResultsFile)
    fcntl(results, F_SETFD, 0);
  else
    dup2(results, kResultsFile);
  execl("/proc/self/exe", "feature-bench", "worker", nullptr);
  _exit(127);
}

}  // namespace

void follow_parent() {
  std::signal(SIGTERM, end_group);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const char *parent = std::getenv(kParent);
  if (parent != nullptr && std::to_string(getppid()) != parent) end_group(0);
}

void WorkerProcess::start() {
  int to_worker[2];
  int from_worker[2];
  if (pipe2(to_worker, O_CLOEXEC) != 0 || pipe2(from_worker, O_CLOEXEC) != 0)
    throw Error(std::string("no pipe to a worker: ") + std::strerror(errno));
  setenv(kParent, std::to_string(getpid()).c_str(), 1);
  // Workers share the machine already: threads of a model's BLAS would only be in each other's way.
  for (const char *variable : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) setenv(variable, "1", 0);
  pid_ = fork();
  if (pid_ < 0) throw Error(std::string("no worker can be started: ") + std::strerror(errno));
  if (pid_ == 0) run_worker(to_worker[0], from_worker[1], log_.c_str());
  setpgid(pid_, pid_);  // whoever is first
  close(to_worker[0]);
  close(from_worker[1]);
  jobs_ = to_worker[1];
  results_ = from_worker[0];
  received_.clear();
  write_line(setup_.dump());
}

void WorkerProcess::kill() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(jobs_);
  close(results_);
  pid_ = -1;
  busy_ = false;
}

bool WorkerProcess::write_line(const std::string &text) {
  const std::string line = text + "\n";
  for (size_t done = 0; done < line.size();) {
    const ssize_t n = ::write(jobs_, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;  // it died, which receive() notices
    done += static_cast<size_t>(n);
  }
  return true;
}

void WorkerProcess::send(const Json &job, double limit) {
  if (pid_ < 0) start();
  busy_ = true;
  limit_ = limit;
  begin_ = Clock::now();
  write_line(job.dump());
}

double WorkerProcess::seconds_left() const {
  return limit_ - std::chrono::duration<double>(Clock::now() - begin_).count();
}

Json WorkerProcess::died() {
  int status = 0;
  ::kill(-pid_, SIGKILL);  // its children
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  close(jobs_);
  close(results_);
  pid_ = -1;
  busy_ = false;
  std::string how = "exit status " + std::to_string(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) how = strsignal(WTERMSIG(status));
  return {{"error", "the pipeline's process ended: " + how + " (" + log_ + " has its messages)"}};
}

std::optional<Json> WorkerProcess::receive() {
  char bytes[65536];
  const ssize_t n = read(results_, bytes, sizeof bytes);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
  if (n <= 0) return died();
  received_.append(bytes, static_cast<size_t>(n));
  if (received_.back() != '\n') return std::nullopt;
  busy_ = false;
  Json result = Json::parse(received_, nullptr, false);
  received_.clear();
  if (result.is_discarded()) return Json{{"error", "the pipeline's process said what is no JSON"}};
  return result;
}

Json WorkerProcess::give_up() {
  kill();
  char text[64];
  std::snprintf(text, sizeof text, "not done after %g s", limit_);
  return {{"error", text}};
}

}  // namespace feat::bench
