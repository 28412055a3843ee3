// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/picture_search.h"

#include <algorithm>
#include <thread>

namespace feat::vvc {
PictureSearch::PictureSearch(CodedFrame &frame, const PartitionLimits &limits, const QpPlan &qps,
                             const Effort &effort)
    : frame_(frame),
      limits_(limits),
      qps_(qps),
      effort_(effort),
      writer_(frame, limits, effort.tools, qps, effort.loop_filter),
      cabac_(qps.slice_qp()),
      columns_(frame.ctu_columns()),
      rows_(static_cast<size_t>(frame.ctu_rows())) {
  rows_[0].state.contexts.init(qps.slice_qp());
}

std::optional<int> PictureSearch::ready_row() const {
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Row &row = rows_[i];
    if (row.busy || row.done == columns_) continue;
    if (i == 0) return 0;
    const int wanted = row.done == 0 ? lead(i - 1) : std::min(row.done + kAhead, columns_);
    if (rows_[i - 1].done >= wanted) return static_cast<int>(i);
  }
  return {};
}

std::optional<int> PictureSearch::take_row() {
  std::unique_lock lock(deciding_);
  std::optional<int> row;
  const Row &last = rows_.back();
  changed_.wait(lock, [&] {
    row = ready_row();
    return row || last.done + (last.busy ? 1 : 0) == columns_;
  });
  if (row) rows_[static_cast<size_t>(*row)].busy = true;
  return row;
}

bool PictureSearch::search_next(TreeSearch &search, int row) {
  const auto at = static_cast<size_t>(row);
  Row &here = rows_[at];
  const int column = here.done;
  search.set_state(column == 0 && row > 0 ? rows_[at - 1].handed_down : here.state);
  search.search_ctu(column << frame_.log2_ctu, row << frame_.log2_ctu);
  here.state = search.state();
  if (column + 1 == lead(at)) here.handed_down = here.state;
  const std::scoped_lock lock(deciding_);
  ++here.done;
  here.busy = false;
  changed_.notify_all();
  return here.done == columns_;
}

bool PictureSearch::finished(int row) {
  const std::scoped_lock lock(deciding_);
  return rows_[static_cast<size_t>(row)].done == columns_;
}

void PictureSearch::write_row(CtuWriter &writer, int row) {
  for (int column = 0; column < columns_; ++column) {
    writer.write(column << frame_.log2_ctu, row << frame_.log2_ctu, cabac_);
  }
}

void PictureSearch::write_finished_rows() {
  const std::unique_lock lock(writing_, std::try_to_lock);
  if (!lock) return;  // who holds it, or the end, sees to this row too
  for (; written_ < frame_.ctu_rows() && finished(written_); ++written_) {
    write_row(writer_, written_);
  }
}

void PictureSearch::work() {
  const auto search = std::make_unique<TreeSearch>(frame_, limits_, qps_, effort_);
  while (const std::optional<int> row = take_row()) {
    if (search_next(*search, *row)) write_finished_rows();
  }
}

const std::vector<uint8_t> &PictureSearch::run(int threads) {
  std::vector<std::jthread> helpers;
  for (int i = 1; i < std::min(threads, frame_.ctu_rows()); ++i) {
    helpers.emplace_back([this] { work(); });
  }
  work();
  for (std::jthread &helper : helpers) helper.join();
  write_finished_rows();
  cabac_.finish();
  return cabac_.bytes();
}

const std::vector<uint8_t> &PictureSearch::write_unfiltered() {
  CtuWriter writer(frame_, limits_, effort_.tools, qps_, false);
  cabac_ = CabacEncoder(qps_.slice_qp());
  for (int row = 0; row < frame_.ctu_rows(); ++row) write_row(writer, row);
  cabac_.finish();
  return cabac_.bytes();
}

}  // namespace feat::vvc
