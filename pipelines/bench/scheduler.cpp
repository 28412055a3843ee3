// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/scheduler.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <list>

#include "pipelines/bench/progress.h"
#include "pipelines/bench/worker_process.h"

namespace feat::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Slot {
  Slot(const WorkerSetup &setup) : process(setup.setup, setup.log) {}
  WorkerProcess process;
  Group *group = nullptr;
  size_t sample = 0;
  Clock::time_point begin;
};

class Scheduler {
 public:
  Scheduler(std::vector<Group> &groups, const WorkerSetup &setup, const JobDone &done)
      : groups_(groups), setup_(setup), done_(done), progress_(setup.jobs) {
    size_t jobs = 0;
    for (const Group &group : groups) {
      progress_.add(group.kind, group.samples.size());
      jobs += group.samples.size();
    }
    const size_t workers = std::min<size_t>(static_cast<size_t>(setup.jobs), jobs);
    for (size_t i = 0; i < workers; ++i) slots_.emplace_back(setup);
  }

  void run() {
    for (;;) {
      for (Slot &slot : slots_)
        if (!slot.process.busy()) begin(slot);
      if (std::none_of(slots_.begin(), slots_.end(),
                       [](const Slot &slot) { return slot.process.busy(); }))
        return;
      wait();
    }
  }

 private:
  // Its own group while there is work in it, then one that nobody has begun, then whichever has
  // most left.
  Group *choose(const Slot &slot) {
    if (slot.group != nullptr && !slot.group->samples.empty()) return slot.group;
    Group *most = nullptr;
    for (Group &group : groups_) {
      if (group.samples.empty()) continue;
      if (std::none_of(slots_.begin(), slots_.end(),
                       [&](const Slot &other) { return other.group == &group; }))
        return &group;
      if (most == nullptr || group.samples.size() > most->samples.size()) most = &group;
    }
    return most;
  }

  void begin(Slot &slot) {
    slot.group = choose(slot);
    if (slot.group == nullptr) return;
    slot.sample = slot.group->samples.front();
    slot.group->samples.pop_front();
    slot.begin = Clock::now();
    nlohmann::json job = slot.group->job;
    job["sample"] = slot.sample;
    slot.process.send(job, setup_.limit);
  }

  void finish(const Slot &slot, const nlohmann::json &result) {
    done_(*slot.group, slot.sample, result);
    progress_.clear();
    progress_.done(slot.group->kind,
                   std::chrono::duration<double>(Clock::now() - slot.begin).count());
  }

  void wait() {
    std::vector<pollfd> files;
    std::vector<Slot *> busy;
    double left = 1;
    for (Slot &slot : slots_) {
      if (!slot.process.busy()) continue;
      files.push_back({slot.process.results(), POLLIN, 0});
      busy.push_back(&slot);
      left = std::min(left, std::max(slot.process.seconds_left(), 0.0));
    }
    poll(files.data(), files.size(), static_cast<int>(1000 * left) + 1);
    for (size_t i = 0; i < busy.size(); ++i) {
      if (files[i].revents != 0) {
        if (const auto result = busy[i]->process.receive()) finish(*busy[i], *result);
      } else if (busy[i]->process.seconds_left() <= 0) {
        finish(*busy[i], busy[i]->process.give_up());
      }
    }
    progress_.show();
  }

  std::vector<Group> &groups_;
  const WorkerSetup &setup_;
  const JobDone &done_;
  Progress progress_;
  std::list<Slot> slots_;
};

}  // namespace

void run_jobs(std::vector<Group> &groups, const WorkerSetup &setup, const JobDone &done) {
  Scheduler(groups, setup, done).run();
}

}  // namespace feat::bench
