// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guesses for pictures, row by row: a linear prediction from six neighbours that follows the
// content. The first expert expects errors as in the neighbourhood, the second as in the
// whole picture so far.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codecs/feature/lossless_model.h"

namespace feat::native::lossless {

class ImageGuess {
 public:
  ImageGuess(uint32_t columns, uint32_t rows);

  void guess(Opinion &opinion);
  void learn(const Opinion &opinion, int64_t position, bool zero);

 private:
  static constexpr int kInputs = 6;
  // Values are positions / 2^kDrop.
  static constexpr int kDrop = 14;
  static constexpr int kWeightBits = 16;
  static constexpr size_t kMargin = 2;

  void next_row();

  uint32_t columns_;
  uint32_t rows_;
  uint32_t column_ = 0;
  uint32_t row_ = 0;
  std::array<std::vector<int32_t>, 3> values_;  // this row, the one above, the one above that
  std::array<std::vector<int32_t>, 2> errors_;
  std::array<std::vector<uint8_t>, 2> zeros_;
  std::array<int32_t, kInputs> inputs_{};
  std::array<int32_t, kInputs> weights_;
  int32_t mean_ = 0;
  int64_t prediction_ = 0;
  int64_t power_ = 0;
  int64_t spread_ = 0;
};

}  // namespace feat::native::lossless
