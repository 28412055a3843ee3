// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gst/common/work_queue.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace feat {

void WorkQueue::configure(int jobs, int threads) {
  const Lock lock(mutex_);
  jobs_ = jobs;
  threads_ = threads;
}

WorkQueue::Entry *WorkQueue::next_waiting() {
  if (aborted_) return nullptr;
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [](const Entry &e) { return e.stage == Stage::kWaiting; });
  return found != entries_.end() ? &*found : nullptr;
}

int WorkQueue::count(Stage stage) const {
  return static_cast<int>(std::count_if(entries_.begin(), entries_.end(),
                                        [=](const Entry &e) { return e.stage == stage; }));
}

void WorkQueue::run_entry(Lock &lock, Entry &entry, int worker) {
  entry.stage = Stage::kInWork;
  const int unfinished = count(Stage::kWaiting) + count(Stage::kInWork);
  const int threads = std::max(1, threads_ / unfinished);
  Job *job = entry.job.get();
  lock.unlock();
  job->run(worker, threads, cancellable_);
  lock.lock();
  entry.stage = Stage::kDone;
  done_.notify_all();
  if (head_is_done()) to_output_.notify_one();
}

void WorkQueue::deliver_head(Lock &lock) {
  done_.wait(lock, [this] { return aborted_ || head_is_done(); });
  if (aborted_) return;
  const std::unique_ptr<Job> job = std::move(entries_.front().job);
  entries_.pop_front();
  lock.unlock();
  job->deliver();
  lock.lock();
}

// One more worker, and with the first the output thread; false if the system has none to give.
bool WorkQueue::add_thread() {
  try {
    if (!output_.joinable()) output_ = std::thread(&WorkQueue::hand_out, this);
    workers_.emplace_back(&WorkQueue::work, this, static_cast<int>(workers_.size()));
    return true;
  } catch (const std::system_error &) {
    return !workers_.empty();
  }
}

void WorkQueue::submit(std::unique_ptr<Job> job) {
  Lock lock(mutex_);
  while (!aborted_ && static_cast<int>(entries_.size()) >= jobs_) deliver_head(lock);
  if (aborted_) return;
  Entry &entry = entries_.emplace_back();
  entry.job = std::move(job);
  bool here = jobs_ == 1;
  if (!here && count(Stage::kWaiting) > idle_ && static_cast<int>(workers_.size()) < jobs_) {
    here = !add_thread();
  }
  if (here) {
    run_entry(lock, entry, 0);
  } else {
    to_do_.notify_one();
  }
  while (!aborted_ && head_is_done()) deliver_head(lock);
}

void WorkQueue::drain() {
  Lock lock(mutex_);
  while (!aborted_ && !entries_.empty()) deliver_head(lock);
}

void WorkQueue::work(int worker) {
  Lock lock(mutex_);
  for (;;) {
    idle_++;
    to_do_.wait(lock, [this] { return stopping_ || next_waiting() != nullptr; });
    idle_--;
    if (stopping_) return;
    run_entry(lock, *next_waiting(), worker);
  }
}

void WorkQueue::hand_out() {
  Lock lock(mutex_);
  for (;;) {
    to_output_.wait(lock, [this] { return stopping_ || (!aborted_ && head_is_done()); });
    if (stopping_) return;
    // The stream lock comes first; by then the streaming thread may have handed all out.
    lock.unlock();
    g_rec_mutex_lock(stream_lock_);
    lock.lock();
    while (!aborted_ && head_is_done()) deliver_head(lock);
    lock.unlock();
    g_rec_mutex_unlock(stream_lock_);
    lock.lock();
  }
}

void WorkQueue::abort() {
  g_cancellable_cancel(cancellable_);
  const Lock lock(mutex_);
  aborted_ = true;
  done_.notify_all();
}

void WorkQueue::wait_for_work_to_end(Lock &lock) {
  done_.wait(lock, [this] { return count(Stage::kInWork) == 0; });
}

void WorkQueue::clear() {
  Lock lock(mutex_);
  const bool was_aborted = std::exchange(aborted_, true);
  wait_for_work_to_end(lock);
  entries_.clear();
  aborted_ = was_aborted;
}

void WorkQueue::resume() {
  const Lock lock(mutex_);
  g_cancellable_reset(cancellable_);
  aborted_ = false;
}

void WorkQueue::stop() {
  g_cancellable_cancel(cancellable_);
  Lock lock(mutex_);
  aborted_ = stopping_ = true;
  to_do_.notify_all();
  to_output_.notify_all();
  done_.notify_all();
  wait_for_work_to_end(lock);
  lock.unlock();
  for (std::thread &worker : workers_) worker.join();
  if (output_.joinable()) output_.join();
  lock.lock();
  workers_.clear();
  entries_.clear();
  idle_ = 0;
  g_cancellable_reset(cancellable_);
  aborted_ = stopping_ = false;
}

}  // namespace feat
