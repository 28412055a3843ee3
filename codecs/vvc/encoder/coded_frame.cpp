// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/coded_frame.h"

namespace feat::vvc {

void CodedFrame::set_source(const Plane<const uint16_t> &picture) {
  source.resize(static_cast<size_t>(width) * static_cast<size_t>(height));
  for (int y = 0; y < height; ++y) {
    const uint16_t *from = picture.data + std::min(y, picture.height - 1) * picture.stride;
    uint16_t *to = source.data() + y * stride();
    std::copy_n(from, picture.width, to);
    std::fill(to + picture.width, to + width, from[picture.width - 1]);
  }
}

}  // namespace feat::vvc
