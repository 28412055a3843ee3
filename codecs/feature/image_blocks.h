// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Blocks of pictures: where they are, and the order and the bands of their frequencies
// (docs/feature-codec.md, "Images").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace feat::native {

inline constexpr size_t kBlockSide = 32;
// Classes of frequencies in one direction; a band is an unordered pair of them.
inline constexpr int kFrequencyClasses = 10;
inline constexpr int kBands = kFrequencyClasses * (kFrequencyClasses + 1) / 2;
// Sums of the frequencies in both directions, in 1/64 of cycles a sample.
inline constexpr int kDiagonals = 64;

// A part of a side of a picture.
struct Extent {
  size_t first = 0;
  size_t size = 0;
};

// Blocks of 32, the last one of 17 to 48, or a single one of at most 48.
std::vector<Extent> split_side(size_t size);

// What blocks of one size have in common. k counts frequencies in coding order.
struct BlockKind {
  BlockKind(size_t height, size_t width);

  struct Band {
    uint8_t band = 0;
    uint32_t count = 0;  // of its frequencies
  };
  const size_t height;
  const size_t width;
  std::vector<uint16_t> place;    // of k: vertical frequency * width + horizontal frequency
  std::vector<uint8_t> band;      // of k
  std::vector<uint8_t> diagonal;  // of k
  std::vector<uint16_t> around;   // of k: its place where two rows above and two columns are added
  // Neighbours of k that are outside of the block: two to the left and two above and one between,
  // the near ones counted twice; in `outside` the near ones and the one between.
  std::vector<uint8_t> outside;
  std::vector<uint8_t> outside_far;
  std::vector<Band> bands;  // that there are
  size_t split = 0;         // the first k of the upper half of the diagonals
  size_t size() const { return height * width; }
};

// The blocks of a picture. The coefficients of a block follow those of the one to its left, those
// of a row of blocks those of the row above, and within a block channel follows channel.
class BlockGrid {
 public:
  BlockGrid(size_t height, size_t width);

  const std::vector<Extent> &rows() const { return rows_; }
  const std::vector<Extent> &columns() const { return columns_; }
  size_t height() const { return rows_.back().first + rows_.back().size; }
  size_t width() const { return columns_.back().first + columns_.back().size; }
  const BlockKind &kind(size_t row, size_t column) const {
    return *kinds_[row + 1 == rows_.size() ? 1 : 0][column + 1 == columns_.size() ? 1 : 0];
  }
  // Where the coefficients of a block begin, counted in those of one channel.
  size_t offset(size_t row, size_t column) const {
    return rows_[row].first * width() + rows_[row].size * columns_[column].first;
  }

 private:
  std::vector<Extent> rows_;
  std::vector<Extent> columns_;
  // By whether the block is in the last row and the last column.
  std::array<std::array<std::unique_ptr<BlockKind>, 2>, 2> kinds_;
};

}  // namespace feat::native
