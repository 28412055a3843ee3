// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/coded_frame.h"

namespace feat::vvc {

void CodedFrame::resize(int coded_width, int coded_height) {
  width = coded_width;
  height = coded_height;
  const size_t area = static_cast<size_t>(width) * static_cast<size_t>(height);
  source.resize(area);
  recon.resize(area);
  levels.resize(area);
  units.resize(area / 16);
  splits.resize(static_cast<size_t>(ctu_columns()) * static_cast<size_t>(ctu_rows()));
}

void CodedFrame::start(const Plane<const uint16_t> &picture) {
  for (CodingUnit &unit : units) unit.done = false;
  for (int y = 0; y < height; ++y) {
    const uint16_t *from = picture.data + std::min(y, picture.height - 1) * picture.stride;
    uint16_t *to = source.data() + y * stride();
    std::copy_n(from, picture.width, to);
    std::fill(to + picture.width, to + width, from[picture.width - 1]);
  }
}

int64_t CodedFrame::squared_error(int x, int y, int w, int h) const {
  int64_t sum = 0;
  for (int j = y; j < y + h; ++j) {
    const uint16_t *from = source_at(x, j);
    const uint16_t *to = recon.data() + j * stride() + x;
    for (int i = 0; i < w; ++i) {
      const int error = from[i] - to[i];
      sum += error * error;
    }
  }
  return sum;
}

}  // namespace feat::vvc
