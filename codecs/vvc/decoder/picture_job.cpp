// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/picture_job.h"

#include <algorithm>
#include <climits>
#include <exception>
#include <new>
#include <utility>

#include "codecs/vvc/decoder/loop_filter.h"

namespace feat::vvc {
namespace {

// Runs `work` and turns what it throws into a status.
template <typename Work>
Status guarded(Work work) {
  try {
    work();
    return {};
  } catch (const DecodeError &error) {
    return error.status;
  } catch (const std::bad_alloc &) {
    return {Status::Code::kLimit, "there is not enough memory for the picture"};
  } catch (const std::exception &error) {
    return {Status::Code::kCorrupt, std::string("the unit cannot be decoded: ") + error.what()};
  }
}

constexpr int kBeforeAll = -1;  // the place of errors outside the slice data
constexpr int kBehindAll = INT_MAX - 1;

}  // namespace

void PictureJob::start(std::span<const uint8_t> unit, const DecoderConfig &config,
                       ParameterSets &sets) {
  picture_ = Picture();
  md5_ = Md5();
  status_ = Status();
  failed_ = INT_MAX;
  rows_ = running_ = next_segment_ = rows_output_ = 0;
  next_row_.fill(0);
  const Status status = guarded([&] {
    parse_unit(unit, config.max_points, sets, coded_);
    Frame &frame = coded_.frame;
    sao_ = uses_sao(coded_);
    alf_ = uses_alf(coded_);
    if (sao_ || alf_) frame.filtered.reset(frame.width, frame.height);
    progress_.emplace(coded_);
    check_md5_ = config.check_md5 && coded_.sei.picture_md5.has_value();
    const CropWindow &w = coded_.window;
    picture_.width = frame.width - w.left - w.right;
    picture_.height = frame.height - w.top - w.bottom;
    picture_.bit_depth = frame.bit_depth;
    picture_.samples.resize(static_cast<size_t>(picture_.width) *
                            static_cast<size_t>(picture_.height));
    rows_ = frame.ctus_high;
    for (auto &rows : finished_) rows.assign(static_cast<size_t>(rows_), 0);
  });
  if (!status.ok()) fail(kBeforeAll, status);
}

bool PictureJob::decoded(int row) const {
  return row >= rows_ || progress_->row_ctus(row) == coded_.frame.ctus_wide;
}

bool PictureJob::finished(Task::Stage stage, int row) const {
  return row < 0 || row >= rows_ || finished_[stage][static_cast<size_t>(row)] != 0;
}

bool PictureJob::ready(Task::Stage stage, int row) const {
  switch (stage) {
    case Task::kVerticalEdges:
      // Prediction in the row below starts from samples that no filter has touched.
      return decoded(row) && decoded(row + 1);
    case Task::kHorizontalEdges:
      return finished(Task::kVerticalEdges, row) && finished(Task::kVerticalEdges, row - 1);
    case Task::kSao:
      // The upper edge of the row below changes samples of this one.
      return finished(Task::kHorizontalEdges, row) && finished(Task::kHorizontalEdges, row + 1);
    case Task::kAlf:
      return finished(Task::kSao, row - 1) && finished(Task::kSao, row) &&
             finished(Task::kSao, row + 1);
    default:
      return finished(Task::kAlf, row) && rows_output_ == row;
  }
}

std::optional<PictureJob::Task> PictureJob::claim_row() {
  if (failed_ != INT_MAX) return std::nullopt;
  for (int stage = kRowStages - 1; stage >= 0; stage--) {
    int &row = next_row_[static_cast<size_t>(stage)];
    const auto s = static_cast<Task::Stage>(stage);
    if (row < rows_ && ready(s, row)) {
      running_++;
      return Task{s, row++};
    }
  }
  return std::nullopt;
}

std::optional<PictureJob::Task> PictureJob::claim() {
  if (const auto task = claim_row()) return task;
  if (failed_ != INT_MAX || next_segment_ == static_cast<int>(coded_.segments.size())) {
    return std::nullopt;
  }
  running_++;
  return Task{Task::kSegment, next_segment_++};
}

Status PictureJob::run(const Task &task, const RowDone &row_done) {
  return guarded([&] {
    if (task.stage != Task::kSegment) {
      run_row(task.stage, task.index);
      return;
    }
    const SliceSegment &segment = coded_.segments[static_cast<size_t>(task.index)];
    const auto abandon = [&] {
      for (const Substream &s : segment.substreams) {
        progress_->abandon(s.area.x0, s.area.y0);
      }
    };
    try {
      if (!SliceDecoder(coded_, *progress_).decode(segment, row_done)) abandon();
    } catch (...) {
      abandon();
      throw;
    }
  });
}

void PictureJob::run_row(Task::Stage stage, int row) {
  switch (stage) {
    case Task::kVerticalEdges:
      unmap_row(coded_, row);
      deblock_row(coded_, row, true);
      break;
    case Task::kHorizontalEdges:
      deblock_row(coded_, row, false);
      break;
    case Task::kSao:
      if (sao_) sao_row(coded_, row);
      if (alf_) prepare_alf_row(coded_, row);
      break;
    case Task::kAlf:
      if (alf_) alf_row(coded_, row);
      break;
    default:
      output_row(row);
      break;
  }
}

// Hash of the whole picture, one byte a sample for 8 bit, else two, little endian; and the samples
// inside the conformance window.
void PictureJob::output_row(int row) {
  const Frame &frame = coded_.frame;
  const SamplePlane &plane = filtered_plane(coded_);
  const int y0 = row << frame.log2_ctu;
  const int y1 = std::min((row + 1) << frame.log2_ctu, frame.height);
  const CropWindow &w = coded_.window;
  std::vector<uint8_t> bytes;
  for (int y = y0; y < y1; y++) {
    const uint16_t *samples = plane.at(0, y);
    if (check_md5_) {
      const size_t size = frame.bit_depth > 8 ? 2 : 1;
      const auto width = static_cast<size_t>(frame.width);
      bytes.resize(size * width);
      for (size_t x = 0; x < width; x++) {
        bytes[size * x] = static_cast<uint8_t>(samples[x]);
        if (size == 2) bytes[2 * x + 1] = static_cast<uint8_t>(samples[x] >> 8);
      }
      md5_.update(bytes);
    }
    if (y < w.top || y >= w.top + picture_.height) continue;
    std::copy_n(samples + w.left, picture_.width,
                picture_.samples.begin() +
                    static_cast<ptrdiff_t>(y - w.top) * static_cast<ptrdiff_t>(picture_.width));
  }
}

void PictureJob::finish(const Task &task, const Status &status) {
  running_--;
  if (!status.ok()) {
    fail(task.stage == Task::kSegment ? task.index : kBehindAll, status);
    return;
  }
  if (task.stage == Task::kSegment) return;
  finished_[task.stage][static_cast<size_t>(task.index)] = 1;
  if (task.stage != Task::kOutput || ++rows_output_ < rows_) return;
  if (check_md5_ && md5_.finish() != *coded_.sei.picture_md5) {
    fail(kBehindAll,
         {Status::Code::kChecksum, "the decoded picture does not agree with its MD5 message"});
  }
}

void PictureJob::fail(int order, const Status &status) {
  if (order >= failed_) return;
  failed_ = order;
  status_ = status;
}

void PictureJob::cancel() {
  fail(kBeforeAll, {Status::Code::kInvalidArgument, "the unit was dropped"});
}

bool PictureJob::done() const {
  return running_ == 0 && (failed_ != INT_MAX || rows_output_ == rows_);
}

Status PictureJob::take(Picture &picture) {
  picture = Picture();
  if (!status_.ok()) return status_;
  picture = std::move(picture_);
  picture.md5_present = check_md5_;
  picture.user_data = std::move(coded_.sei.user_data);
  return {};
}

}  // namespace feat::vvc
