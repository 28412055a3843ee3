// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_blocks.h"

#include <algorithm>
#include <numeric>

namespace feat::native {

namespace {

// Class of frequency f of `size`.
int frequency_class(size_t f, size_t size) {
  constexpr std::array<uint8_t, kBlockSide> kClasses = {0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6,
                                                        6, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8,
                                                        8, 8, 9, 9, 9, 9, 9, 9, 9, 9};
  return kClasses[f * kBlockSide / size];
}

uint8_t band_of(int first, int second) {
  const int high = std::max(first, second);
  return static_cast<uint8_t>(high * (high + 1) / 2 + std::min(first, second));
}

}  // namespace

std::vector<Extent> split_side(size_t size) {
  const size_t blocks = std::max<size_t>((size + kBlockSide / 2 - 1) / kBlockSide, 1);
  std::vector<Extent> extents(blocks);
  for (size_t i = 0; i < blocks; ++i) extents[i] = {i * kBlockSide, kBlockSide};
  extents.back().size = size - extents.back().first;
  return extents;
}

BlockKind::BlockKind(size_t block_height, size_t block_width)
    : height(block_height),
      width(block_width),
      place(size()),
      band(size()),
      diagonal(size()),
      around(size()),
      outside(size()),
      outside_far(size()) {
  // By diagonals, with both directions scaled to the same length; within one the rows from above.
  const auto distance = [&](size_t p) { return p / width * width + p % width * height; };
  std::iota(place.begin(), place.end(), uint16_t{0});
  std::stable_sort(place.begin(), place.end(),
                   [&](uint16_t a, uint16_t b) { return distance(a) < distance(b); });
  std::array<uint32_t, kBands> counts{};
  for (size_t k = 0; k < size(); ++k) {
    const size_t y = place[k] / width;
    const size_t x = place[k] % width;
    const int vertical = frequency_class(y, height);
    const int horizontal = frequency_class(x, width);
    band[k] = band_of(vertical, horizontal);
    around[k] = static_cast<uint16_t>((y + 2) * (width + 2) + x + 2);
    outside[k] =
        static_cast<uint8_t>((x == 0 ? 2 : 0) + (y == 0 ? 2 : 0) + (x == 0 || y == 0 ? 1 : 0));
    outside_far[k] = static_cast<uint8_t>((x < 2 ? 1 : 0) + (y < 2 ? 1 : 0));
    diagonal[k] = static_cast<uint8_t>(distance(place[k]) * kBlockSide / size());
    if (diagonal[k] < kBlockSide / 2) split = k + 1;
    ++counts[band[k]];
  }
  for (int b = 0; b < kBands; ++b) {
    const uint32_t count = counts[static_cast<size_t>(b)];
    if (count > 0) bands.push_back({static_cast<uint8_t>(b), count});
  }
}

BlockGrid::BlockGrid(size_t height, size_t width)
    : rows_(split_side(height)), columns_(split_side(width)) {
  for (size_t last_row = 0; last_row < 2; ++last_row) {
    for (size_t last_column = 0; last_column < 2; ++last_column) {
      kinds_[last_row][last_column] =
          std::make_unique<BlockKind>(last_row != 0 ? rows_.back().size : kBlockSide,
                                      last_column != 0 ? columns_.back().size : kBlockSide);
    }
  }
}

}  // namespace feat::native
