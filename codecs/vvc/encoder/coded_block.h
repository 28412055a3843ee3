// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A block coded as one unit, and what is known of its best predictions.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/coding_syntax.h"
#include "codecs/vvc/encoder/coding_unit_writer.h"

namespace feat::vvc {

inline constexpr int kMaxBlockArea = 1 << (2 * kLog2MaxBlock);

struct CodedBlock {
  CodingUnit unit;
  int64_t distortion = 0;                     // sum of squared errors
  std::array<int32_t, kMaxBlockArea> levels;  // as write_coding_unit() takes them
  std::array<uint16_t, kMaxBlockArea> recon;  // in rows of the block's width
};

// What the search for the best prediction of a block found.
struct KnownChoice {
  bool known = false;
  bool bdpcm = false;
  IntraChoice plain;  // without sub-partitions
  int64_t plain_guess = 0;
  // The next best without sub-partitions, as far as they may be coded.
  struct Other {
    IntraChoice choice;
    int64_t guess = 0;
  };
  std::array<Other, 3> others;
  size_t other_count = 0;
  IntraChoice partitioned;  // its isp is kNone if partitions are no good
  int64_t partitioned_guess = 0;
  Isp likely = Isp::kNone;  // the only direction of partitions worth a try, or not known
  bool empty = false;       // guessed to need no level
};

}  // namespace feat::vvc
