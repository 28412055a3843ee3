// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate-distortion search of the coding quad-tree of a CTU, and its coding.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "codecs/vvc/encoder/block_coder.h"
#include "codecs/vvc/encoder/cabac_encoder.h"
#include "codecs/vvc/encoder/coded_frame.h"

namespace feat::vvc {

class TreeSearch {
 public:
  TreeSearch(CodedFrame &frame, int qp);

  // Decides the CTU at (x, y), starting from the context states of `cabac`, and codes it.
  void code_ctu(int x, int y, CabacEncoder &cabac);

 private:
  static constexpr int kLog2Min = 2;

  // Best cost of the block; leaves decisions, reconstruction and context states as if coded.
  int64_t search(int x, int y, int log2_size);
  int64_t search_split(int x, int y, int log2_size, bool fits, int64_t limit);
  void accept(int x, int y, const CodedBlock &block);
  void write(int x, int y, int log2_size, CabacEncoder &cabac) const;
  bool fits(int x, int y, int size) const {
    return x + size <= frame_.width && y + size <= frame_.height;
  }
  // Levels of the CTU in quad-tree order, so that those of a block lie together.
  size_t level_offset(int x, int y) const;

  CodedFrame &frame_;
  BlockCoder coder_;
  RateCounter counter_;
  std::vector<int32_t> levels_;
  std::array<std::unique_ptr<CodedBlock>, kLog2MaxBlock + 1> blocks_;
};

}  // namespace feat::vvc
