// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/picture_filter.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "codecs/vvc/encoder/parallel_rows.h"

namespace feat::vvc {
namespace {

constexpr int kAreaWidth = kAlfMaxBlocks * kAlfBlock;
constexpr size_t kEnoughSamples = size_t{1} << 18;
// Kernels load whole vectors.
constexpr int kSideMargin = 16;

}  // namespace

PictureFilter::PictureFilter(CodedFrame &frame, int threads)
    : frame_(frame),
      threads_(threads),
      stride_(frame.width + 2 * kSideMargin),
      samples_(static_cast<size_t>(stride_) * static_cast<size_t>(frame.height + 2 * kAlfMargin)) {
  uint16_t *to = samples_.data();
  for (int y = -kAlfMargin; y < frame.height + kAlfMargin; ++y, to += stride_) {
    const uint16_t *from = frame_.recon_at(0, std::clamp(y, 0, frame.height - 1));
    std::fill_n(to, kSideMargin, from[0]);
    std::copy_n(from, frame.width, to + kSideMargin);
    std::fill_n(to + kSideMargin + frame.width, kSideMargin, from[frame.width - 1]);
  }
}

template <typename F>
void PictureFilter::for_each_area(int row, F &&f) const {
  const int side = 1 << frame_.log2_ctu;
  const int y = row * side;
  AlfArea area{};
  area.from_stride = stride_;
  area.height = std::min(side, frame_.height - y);
  area.ctu_side = side;
  area.bit_depth = frame_.bit_depth;
  for (int x = 0; x < frame_.width; x += kAreaWidth) {
    area.from = samples_.data() + (y + kAlfMargin) * stride_ + kSideMargin + x;
    area.width = std::min(kAreaWidth, frame_.width - x);
    f(area, x, y);
  }
}

int PictureFilter::line_step() const {
  int step = 1;
  while (step < kAlfBlock && frame_.recon.size() / static_cast<size_t>(step) > kEnoughSamples) {
    step *= 2;
  }
  return step;
}

std::optional<AlfChoice> PictureFilter::find(const Lambda &lambda) const {
  const int step = line_step();
  AlfSums total;
  std::mutex adding;
  for_each_row(frame_.ctu_rows(), threads_, [&](int row) {
    const auto sums = std::make_unique<AlfSums>();
    for_each_area(row, [&](const AlfArea &area, int x, int y) {
      alf_add_area(area, frame_.source_at(x, y), frame_.stride(), step, *sums);
    });
    const std::scoped_lock lock(adding);
    total.add(*sums);
  });
  return choose_alf(total, lambda.sse_of_bit(kAlfErrorBits) / step);
}

void PictureFilter::apply(const AlfChoice &choice) {
  const AlfFilters filters = choice.for_all_classes();
  for_each_row(frame_.ctu_rows(), threads_, [&](int row) {
    const auto filter = std::make_unique<AlfFilter>();
    for_each_area(row, [&](const AlfArea &area, int x, int y) {
      filter->filter(area, filters, frame_.recon_at(x, y), frame_.stride());
    });
  });
}

}  // namespace feat::vvc
