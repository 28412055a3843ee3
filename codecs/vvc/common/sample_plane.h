// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace feat::vvc {

// Samples with a margin on all sides, for filters that look across the border.
class SamplePlane {
 public:
  static constexpr int kMargin = 16;

  void reset(int width, int height) {
    width_ = width;
    height_ = height;
    stride_ = (width + 2 * kMargin + 15) & ~15;
    samples_.resize(static_cast<size_t>(stride_) * static_cast<size_t>(height + 2 * kRows));
  }
  ptrdiff_t stride() const { return stride_; }
  uint16_t *at(int x, int y) { return samples_.data() + (y + kRows) * stride_ + kMargin + x; }
  const uint16_t *at(int x, int y) const {
    return samples_.data() + (y + kRows) * stride_ + kMargin + x;
  }

  // Repeats the border around rows y0 to y1 - 1, `margin` samples wide, at most kRows.
  void extend(int y0, int y1, int margin) {
    for (int y = y0; y < y1; y++) {
      std::fill_n(at(-margin, y), margin, *at(0, y));
      std::fill_n(at(width_, y), margin, *at(width_ - 1, y));
    }
    for (int i = 1; i <= margin; i++) {
      if (y0 == 0) copy_row(0, -i, margin);
      if (y1 == height_) copy_row(y1 - 1, y1 - 1 + i, margin);
    }
  }

 private:
  static constexpr int kRows = 4;

  void copy_row(int from, int to, int margin) {
    std::copy_n(at(-margin, from), width_ + 2 * margin, at(-margin, to));
  }

  int width_ = 0;
  int height_ = 0;
  ptrdiff_t stride_ = 0;
  std::vector<uint16_t> samples_;
};

}  // namespace feat::vvc
