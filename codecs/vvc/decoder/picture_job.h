// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Decoding of a picture, cut into tasks that several threads may take: the segments of its slices,
// and for each row of CTUs the filters and the output.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <vector>

#include "codecs/vvc/common/md5.h"
#include "codecs/vvc/decoder/coded_picture.h"
#include "codecs/vvc/decoder/slice_decoder.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {

class PictureJob {
 public:
  struct Task {
    enum Stage { kVerticalEdges, kHorizontalEdges, kSao, kAlf, kOutput, kSegment };
    Stage stage = kSegment;
    int index = 0;  // of the row of CTUs or of the segment
  };

  // Parses the unit; an error of it is that of the job.
  void start(std::span<const uint8_t> unit, const DecoderConfig &config, ParameterSets &sets);

  // The following four not from several threads at the same time.
  // Takes a task that can be done now.
  std::optional<Task> claim();
  std::optional<Task> claim_row();  // not a segment
  void finish(const Task &task, const Status &status);
  // All is done, or an error ends it, and no task is being worked on.
  bool done() const;

  // Works on a task that was claimed; `row_done` is called whenever a row of CTUs is decoded.
  Status run(const Task &task, const RowDone &row_done);
  // Claims no further tasks.
  void cancel();

  // Once done.
  Status take(Picture &picture);

 private:
  static constexpr int kRowStages = Task::kSegment;

  bool ready(Task::Stage stage, int row) const;
  bool decoded(int row) const;
  bool finished(Task::Stage stage, int row) const;
  void run_row(Task::Stage stage, int row);
  void output_row(int row);
  void fail(int order, const Status &status);

  CodedPicture coded_;
  std::optional<DecodeProgress> progress_;
  Picture picture_;
  Md5 md5_;
  bool check_md5_ = false;
  bool sao_ = false;
  bool alf_ = false;

  int rows_ = 0;
  int running_ = 0;
  int next_segment_ = 0;
  int rows_output_ = 0;
  std::array<int, kRowStages> next_row_{};
  std::array<std::vector<uint8_t>, kRowStages> finished_;  // by row
  // The error that comes first in the unit, and its place.
  Status status_;
  int failed_ = 0;
};

}  // namespace feat::vvc
