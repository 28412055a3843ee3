// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "codecs/vvc/decoder/nal.h"
#include "codecs/vvc/decoder/parameter_sets.h"
#include "codecs/vvc/decoder/picture_job.h"

namespace feat::vvc {
namespace {

// Pictures in the order of their units; threads take tasks of the oldest that has any.
class DecoderImpl : public Decoder {
 public:
  explicit DecoderImpl(const DecoderConfig &config) : config_(config) {
    config_.threads = std::clamp(config_.threads, 1, kMaxThreads);
  }

  ~DecoderImpl() override {
    DecoderImpl::reset();
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread &worker : workers_) worker.join();
  }

  Status decode(std::span<const uint8_t> unit, Picture &picture) override {
    picture = Picture();
    if (pending() > 0) return {Status::Code::kInvalidArgument, "units are pending"};
    submit(unit);
    return receive(picture);
  }

  void submit(std::span<const uint8_t> unit) override {
    std::unique_ptr<PictureJob> job;
    if (!spare_.empty()) {
      job = std::move(spare_.back());
      spare_.pop_back();
    } else {
      job = std::make_unique<PictureJob>();
    }
    job->start(unit, config_, sets_);
    start_workers();
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_all();
  }

  Status receive(Picture &picture) override {
    picture = Picture();
    std::unique_lock lock(mutex_);
    if (jobs_.empty()) return {Status::Code::kInvalidArgument, "no unit is pending"};
    while (!jobs_.front()->done()) {
      if (!work(lock)) changed_.wait(lock);
    }
    std::unique_ptr<PictureJob> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Status status = job->take(picture);
    spare_.push_back(std::move(job));
    return status;
  }

  int pending() const override {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(jobs_.size());
  }

  bool ready() const override {
    const std::lock_guard lock(mutex_);
    return !jobs_.empty() && jobs_.front()->done();
  }

  void reset() override {
    std::unique_lock lock(mutex_);
    for (const auto &job : jobs_) job->cancel();
    while (!std::all_of(jobs_.begin(), jobs_.end(), [](const auto &j) { return j->done(); })) {
      changed_.wait(lock);
    }
    jobs_.clear();
    spare_.clear();
    sets_ = ParameterSets();
  }

 private:
  // The caller of receive() is one of the threads. Without all of the others it only takes longer.
  void start_workers() {
    while (static_cast<int>(workers_.size()) + 1 < config_.threads) {
      try {
        workers_.emplace_back([this] { worker(); });
      } catch (const std::system_error &) {
        config_.threads = static_cast<int>(workers_.size()) + 1;
      }
    }
  }

  void worker() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      if (!work(lock)) changed_.wait(lock);
    }
  }

  // Does one task; false if there is none at the moment.
  bool work(std::unique_lock<std::mutex> &lock) {
    for (const auto &owned : jobs_) {
      PictureJob *job = owned.get();
      const std::optional<PictureJob::Task> task = job->claim();
      if (!task) continue;
      lock.unlock();
      const Status status = job->run(*task, [this, job] { row_done(*job); });
      lock.lock();
      job->finish(*task, status);
      changed_.notify_all();
      return true;
    }
    return false;
  }

  // Called in the middle of a segment: its filters may begin. A single thread does them at once,
  // while the samples are in its cache.
  void row_done(PictureJob &job) {
    if (!workers_.empty()) {
      { const std::lock_guard lock(mutex_); }
      changed_.notify_all();
      return;
    }
    while (const auto task = job.claim_row()) job.finish(*task, job.run(*task, {}));
  }

  DecoderConfig config_;
  ParameterSets sets_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // something became ready, or done
  std::deque<std::unique_ptr<PictureJob>> jobs_;
  std::vector<std::unique_ptr<PictureJob>> spare_;  // for their memory
  std::vector<std::thread> workers_;
  bool stop_ = false;
};

}  // namespace

std::unique_ptr<Decoder> Decoder::create(const DecoderConfig &config) {
  return std::make_unique<DecoderImpl>(config);
}

bool peek_stream_info(std::span<const uint8_t> data, StreamInfo &info) {
  try {
    NalUnit nal;
    while (next_nal_unit(data, nal)) {
      if (nal.type != NalType::kSps || nal.layer_id != 0) continue;
      const std::vector<uint8_t> payload = unescape(nal.payload);
      BitReader r(payload);
      const Sps sps = parse_sps_format(r);
      info.width = sps.width - sps.crop_left - sps.crop_right;
      info.height = sps.height - sps.crop_top - sps.crop_bottom;
      info.coded_width = sps.width;
      info.coded_height = sps.height;
      info.bit_depth = sps.bit_depth;
      info.ptl = sps.ptl;
      return true;
    }
  } catch (const DecodeError &) {
    return false;
  } catch (const std::bad_alloc &) {
    return false;
  }
  return false;
}

}  // namespace feat::vvc
