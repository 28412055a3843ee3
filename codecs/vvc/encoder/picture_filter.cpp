// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/picture_filter.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "codecs/common/parallel.h"

namespace feat::vvc {
namespace {

constexpr int kAreaWidth = kAlfMaxBlocks * kAlfBlock;
constexpr size_t kEnoughSamples = size_t{1} << 18;

}  // namespace

PictureFilter::PictureFilter(CodedFrame &frame, int threads) : frame_(frame), threads_(threads) {
  plane_.reset(frame.width, frame.height);
  for (int y = 0; y < frame.height; ++y) {
    std::copy_n(frame.recon_at(0, y), frame.width, plane_.at(0, y));
  }
  plane_.extend(0, frame.height, kAlfMargin);
}

template <typename F>
void PictureFilter::for_each_area(int row, F &&f) const {
  const int side = 1 << frame_.log2_ctu;
  const int y = row * side;
  AlfArea area{};
  area.from_stride = plane_.stride();
  area.height = std::min(side, frame_.height - y);
  area.ctu_side = side;
  area.bit_depth = frame_.bit_depth;
  for (int x = 0; x < frame_.width; x += kAreaWidth) {
    area.from = plane_.at(x, y);
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
  in_parallel(threads_, static_cast<size_t>(frame_.ctu_rows()), [&](size_t row) {
    const auto sums = std::make_unique<AlfSums>();
    for_each_area(static_cast<int>(row), [&](const AlfArea &area, int x, int y) {
      alf_add_area(area, frame_.source_at(x, y), frame_.stride(), step, *sums);
    });
    const std::scoped_lock lock(adding);
    total.add(*sums);
  });
  return choose_alf(total, lambda.sse_of_bit(kAlfErrorBits) / step);
}

void PictureFilter::apply(const AlfChoice &choice) {
  const AlfFilters filters = choice.for_all_classes();
  in_parallel(threads_, static_cast<size_t>(frame_.ctu_rows()), [&](size_t row) {
    const auto filter = std::make_unique<AlfFilter>();
    for_each_area(static_cast<int>(row), [&](const AlfArea &area, int x, int y) {
      filter->filter(area, filters, frame_.recon_at(x, y), frame_.stride());
    });
  });
}

}  // namespace feat::vvc
