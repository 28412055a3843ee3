// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/picture_search.h"

#include <algorithm>
#include <thread>

namespace feat::vvc {
namespace {

void wait_for(const std::atomic<int> &progress, int wanted) {
  for (int seen = progress.load(std::memory_order_acquire); seen < wanted;
       seen = progress.load(std::memory_order_acquire)) {
    progress.wait(seen, std::memory_order_acquire);
  }
}

}  // namespace

PictureSearch::PictureSearch(CodedFrame &frame, const PartitionLimits &limits, const QpPlan &qps,
                             const Effort &effort)
    : frame_(frame),
      limits_(limits),
      qps_(qps),
      effort_(effort),
      writer_(frame, limits, effort.tools, qps),
      cabac_(qps.slice_qp()),
      columns_(frame.ctu_columns()),
      rows_(frame.ctu_rows()),
      progress_(static_cast<size_t>(rows_)),
      handed_down_(static_cast<size_t>(rows_)) {}

void PictureSearch::search_row(TreeSearch &search, int row) {
  const auto at = static_cast<size_t>(row);
  const int lead = std::min(kLead, columns_);
  if (row == 0) {
    TreeSearch::State state;
    state.contexts.init(qps_.slice_qp());
    search.set_state(state);
  } else {
    wait_for(progress_[at - 1], lead);
    search.set_state(handed_down_[at - 1]);
  }
  for (int column = 0; column < columns_; ++column) {
    if (row > 0) wait_for(progress_[at - 1], std::min(column + kAhead, columns_));
    search.search_ctu(column << frame_.log2_ctu, row << frame_.log2_ctu);
    if (column + 1 == lead) handed_down_[at] = search.state();
    progress_[at].store(column + 1, std::memory_order_release);
    progress_[at].notify_all();
  }
}

void PictureSearch::write_finished_rows() {
  const std::unique_lock lock(writing_, std::try_to_lock);
  if (!lock) return;  // who holds it, or the end, sees to this row too
  while (written_ < rows_ &&
         progress_[static_cast<size_t>(written_)].load(std::memory_order_acquire) == columns_) {
    for (int column = 0; column < columns_; ++column) {
      writer_.write(column << frame_.log2_ctu, written_ << frame_.log2_ctu, cabac_);
    }
    ++written_;
  }
}

void PictureSearch::work() {
  const auto search = std::make_unique<TreeSearch>(frame_, limits_, qps_, effort_);
  for (int row = next_row_++; row < rows_; row = next_row_++) {
    search_row(*search, row);
    write_finished_rows();
  }
}

const std::vector<uint8_t> &PictureSearch::run(int threads) {
  std::vector<std::jthread> helpers;
  for (int i = 1; i < std::min(threads, rows_); ++i) helpers.emplace_back([this] { work(); });
  work();
  for (std::jthread &helper : helpers) helper.join();
  write_finished_rows();
  cabac_.finish();
  return cabac_.bytes();
}

}  // namespace feat::vvc
