// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Decides and writes the CTUs of a picture. Rows of CTUs are searched side by side, each at least
// two CTUs behind the one above; the search of a row starts from the context states that the row
// above had after its lead of a few CTUs, whatever the number of threads. A thread takes the next
// CTU of the topmost row where that is possible, so that none waits while there is anything to do.
// The data is written in one piece, with the states that a decoder has, as soon as the rows before
// are done.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/encoder/cabac_encoder.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/ctu_writer.h"
#include "codecs/vvc/encoder/effort.h"
#include "codecs/vvc/encoder/tree_search.h"

namespace feat::vvc {

class PictureSearch {
 public:
  PictureSearch(CodedFrame &frame, const PartitionLimits &limits, const QpPlan &qps,
                const Effort &effort);

  // Works with up to `threads` threads, the calling one included; returns the slice data, which
  // says that all CTUs are filtered if `effort` has the loop filter.
  const std::vector<uint8_t> &run(int threads);
  // The slice data once more, for a slice without loop filter.
  const std::vector<uint8_t> &write_unfiltered();

 private:
  // How many CTUs a row is ahead of the one below: when that begins, for the states that it goes
  // on with, and later, since predictions look at samples above to the right. While the first row
  // leads, no other is there to work on, so it is waited for less.
  static constexpr int kFirstLead = 2;
  static constexpr int kLead = 4;
  static constexpr int kAhead = 2;

  struct Row {
    int done = 0;       // CTUs
    bool busy = false;  // a thread is at the next one
    TreeSearch::State state;
    TreeSearch::State handed_down;  // after lead() CTUs, for the row below
  };

  void work();
  // Waits for a row whose next CTU may be searched, and marks it as busy; none if there is nothing
  // left to begin.
  std::optional<int> take_row();
  std::optional<int> ready_row() const;
  // True if that was the row's last CTU.
  bool search_next(TreeSearch &search, int row);
  void write_finished_rows();
  void write_row(CtuWriter &writer, int row);
  bool finished(int row);
  int lead(size_t row) const { return std::min(row == 0 ? kFirstLead : kLead, columns_); }

  CodedFrame &frame_;
  PartitionLimits limits_;
  QpPlan qps_;
  Effort effort_;
  CtuWriter writer_;
  CabacEncoder cabac_;
  int columns_;
  std::mutex deciding_;
  std::condition_variable changed_;
  // Guarded by deciding_, but for the states, which belong to the thread at work in the row.
  std::vector<Row> rows_;
  std::mutex writing_;
  int written_ = 0;  // rows; guarded by writing_
};

}  // namespace feat::vvc
