// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Frames in work: coded by several threads at a time, handed out in the order they came in.
#pragma once

#include <gio/gio.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace feat {

// A frame leaves as soon as it and all before it are done, whether or not another one comes in:
// either the streaming thread hands it out, or, while that is elsewhere, a thread of the queue.
// Both do so with the element's stream lock held, which keeps the order; work itself needs no lock,
// so the streaming thread may wait for it.
class WorkQueue {
 public:
  class Job {
   public:
    virtual ~Job() = default;
    // Does the work. `worker` counts from 0, two jobs of the same worker never run together;
    // `threads` is how many threads the job itself may use, `cancellable` tells it that nobody
    // waits any more. Must not throw.
    virtual void run(int worker, int threads, GCancellable *cancellable) = 0;
    // Hands out the result; in order, with the stream lock held.
    virtual void deliver() = 0;
  };

  explicit WorkQueue(GRecMutex *stream_lock)
      : stream_lock_(stream_lock), cancellable_(g_cancellable_new()) {}
  ~WorkQueue() {
    stop();
    g_object_unref(cancellable_);
  }
  WorkQueue(const WorkQueue &) = delete;
  WorkQueue &operator=(const WorkQueue &) = delete;

  // At most `jobs` in the queue, with `threads` in all to share between those in work. With one
  // job there is no other thread: submit() does the work. Stream lock held, queue empty.
  void configure(int jobs, int threads);
  int jobs() const { return jobs_; }

  // Takes a job in; while there is no room, waits for the oldest and hands it out. Stream lock
  // held.
  void submit(std::unique_ptr<Job> job);
  // Hands out all. Stream lock held.
  void drain();

  // Cancels what is in work; from here on nothing is begun, handed out or waited for. From any
  // thread.
  void abort();
  // Drops all jobs once those in work have ended. Stream lock held.
  void clear();
  // Ends abort(); the queue is empty.
  void resume();
  // Ends all threads and drops all jobs. Stream lock not held.
  void stop();

 private:
  enum class Stage { kWaiting, kInWork, kDone };
  struct Entry {
    std::unique_ptr<Job> job;
    Stage stage = Stage::kWaiting;
  };
  using Lock = std::unique_lock<std::mutex>;

  Entry *next_waiting();
  int count(Stage stage) const;
  bool head_is_done() const { return !entries_.empty() && entries_.front().stage == Stage::kDone; }
  void run_entry(Lock &lock, Entry &entry, int worker);
  void deliver_head(Lock &lock);
  bool add_thread();
  void work(int worker);
  void hand_out();
  void wait_for_work_to_end(Lock &lock);

  GRecMutex *const stream_lock_;
  GCancellable *const cancellable_;
  std::mutex mutex_;                   // guards all below
  std::condition_variable to_do_;      // for workers: a job waits
  std::condition_variable done_;       // for who waits under the stream lock: a job is done
  std::condition_variable to_output_;  // for the output thread: the head is done
  std::deque<Entry> entries_;
  std::vector<std::thread> workers_;
  std::thread output_;
  int jobs_ = 1;
  int threads_ = 1;
  int idle_ = 0;  // workers that wait
  bool aborted_ = false;
  bool stopping_ = false;
};

}  // namespace feat
