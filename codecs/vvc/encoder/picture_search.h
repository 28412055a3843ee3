// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Decides and writes the CTUs of a picture. Rows of CTUs are searched side by side, each at least
// two CTUs behind the one above; the search of a row starts from the context states that the row
// above had after two CTUs, whatever the number of threads. The data is written in one piece, with
// the states that a decoder has, as soon as the rows before are done.
#pragma once

#include <atomic>
#include <mutex>
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

  // Works with up to `threads` threads, the calling one included; returns the slice data.
  const std::vector<uint8_t> &run(int threads);

 private:
  // How many CTUs a row is behind the one above: at its beginning, for the states it goes on with,
  // and later, since predictions look at samples above to the right.
  static constexpr int kLead = 4;
  static constexpr int kAhead = 2;

  void work();
  void search_row(TreeSearch &search, int row);
  void write_finished_rows();

  CodedFrame &frame_;
  PartitionLimits limits_;
  QpPlan qps_;
  Effort effort_;
  CtuWriter writer_;
  CabacEncoder cabac_;
  int columns_;
  int rows_;
  std::atomic<int> next_row_ = 0;
  std::vector<std::atomic<int>> progress_;      // CTUs done, by row
  std::vector<TreeSearch::State> handed_down_;  // after kLead CTUs, by row
  std::mutex writing_;
  int written_ = 0;  // rows; guarded by writing_
};

}  // namespace feat::vvc
