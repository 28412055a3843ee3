// SPDX-License-Identifier: LGPL-2.1-or-later
#include <climits>

#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {

DecodeProgress::DecodeProgress(const CodedPicture &picture)
    : wavefronts_(picture.sps->entropy_sync),
      ctus_wide_(picture.frame.ctus_wide),
      rows_(static_cast<size_t>(picture.frame.ctus_high)) {
  if (!wavefronts_) return;
  const std::vector<int> &columns = picture.partition.columns;
  for (size_t i = 0; i + 1 < columns.size(); i++) {
    tile_columns_of_ctu_.insert(tile_columns_of_ctu_.end(),
                                static_cast<size_t>(columns[i + 1] - columns[i]), i);
  }
  const size_t substreams = (columns.size() - 1) * rows_.size();
  columns_done_ = std::vector<std::atomic<int>>(substreams);
  contexts_.resize(substreams);
}

bool DecodeProgress::done(int x, int y) {
  if (wavefronts_) {
    std::atomic<int> &column = columns_done_[substream(x, y)];
    column.store(x + 1, std::memory_order_release);
    column.notify_all();
  }
  const auto row = static_cast<size_t>(y);
  return rows_[row].fetch_add(1, std::memory_order_acq_rel) + 1 == ctus_wide_;
}

void DecodeProgress::abandon(int x, int y) {
  if (!wavefronts_) return;
  std::atomic<int> &column = columns_done_[substream(x, y)];
  column.store(INT_MAX, std::memory_order_release);
  column.notify_all();
}

bool DecodeProgress::wait(int x, int y) const {
  const std::atomic<int> &column = columns_done_[substream(x, y)];
  int done = column.load(std::memory_order_acquire);
  while (done <= x) {
    column.wait(done, std::memory_order_acquire);
    done = column.load(std::memory_order_acquire);
  }
  return done != INT_MAX;
}

}  // namespace feat::vvc
