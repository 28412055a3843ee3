// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/picture_mosaic.h"

#include <algorithm>

namespace feat::vvc {
namespace {

constexpr int kSide = 64;
constexpr int64_t kLeastPieces = 16;
constexpr int64_t kShare = 8;
// Steps, in 2^-32, of the additive sequence that fills a square most evenly.
constexpr uint32_t kStepX = 3242174889U;
constexpr uint32_t kStepY = 2447445414U;

// One of 0 to `last`.
int pick(uint32_t fraction, int last) {
  return static_cast<int>((uint64_t{fraction} * (static_cast<uint64_t>(last) + 1)) >> 32);
}

}  // namespace

Mosaic make_mosaic(const Plane<const uint16_t> &picture) {
  const int piece_w = std::min(kSide, picture.width);
  const int piece_h = std::min(kSide, picture.height);
  const int64_t all = int64_t{picture.width} * picture.height / (int64_t{piece_w} * piece_h);
  int64_t pieces = std::max(kLeastPieces, all / kShare);
  Mosaic mosaic;
  if (pieces * 3 > 2 * all) {
    mosaic.width = picture.width;
    mosaic.height = picture.height;
    for (int y = 0; y < picture.height; ++y) {
      const uint16_t *row = picture.data + y * picture.stride;
      mosaic.samples.insert(mosaic.samples.end(), row, row + picture.width);
    }
    return mosaic;
  }
  int columns = 1;
  while (int64_t{columns} * columns < pieces) ++columns;
  const auto rows = static_cast<int>((pieces + columns - 1) / columns);
  mosaic.width = columns * piece_w;
  mosaic.height = rows * piece_h;
  mosaic.samples.resize(static_cast<size_t>(mosaic.width) * static_cast<size_t>(mosaic.height));
  uint32_t at_x = kStepX;
  uint32_t at_y = kStepY;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column, at_x += kStepX, at_y += kStepY) {
      const int x = pick(at_x, picture.width - piece_w);
      const int y = pick(at_y, picture.height - piece_h);
      for (int i = 0; i < piece_h; ++i) {
        std::copy_n(picture.data + (y + i) * picture.stride + x, piece_w,
                    mosaic.samples.data() +
                        static_cast<ptrdiff_t>(row * piece_h + i) * mosaic.width +
                        column * piece_w);
      }
    }
  }
  return mosaic;
}

}  // namespace feat::vvc
