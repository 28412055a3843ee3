// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/tree_search.h"

#include <algorithm>
#include <limits>

#include "codecs/vvc/encoder/coding_unit_writer.h"

namespace feat::vvc {

TreeSearch::TreeSearch(CodedFrame &frame, int qp)
    : frame_(frame), coder_(qp, frame.bit_depth), levels_(size_t{1} << (2 * frame.log2_ctu)) {
  for (int log2 = kLog2Min; log2 <= kLog2MaxBlock; ++log2) {
    blocks_[static_cast<size_t>(log2)] = std::make_unique<CodedBlock>();
  }
}

size_t TreeSearch::level_offset(int x, int y) const {
  size_t offset = 0;
  for (int bit = kLog2Min; bit < frame_.log2_ctu; ++bit) {
    const auto quarter = static_cast<size_t>(((y >> bit) & 1) * 2 + ((x >> bit) & 1));
    offset |= quarter << (2 * bit);
  }
  return offset;
}

void TreeSearch::accept(int x, int y, const CodedBlock &block) {
  const int size = 1 << block.unit.log2_size;
  frame_.set_units(x, y, block.unit);
  for (int i = 0; i < size; ++i) {
    std::copy_n(block.recon.data() + i * size, size, frame_.recon_at(x, y + i));
  }
  if (block.unit.coded) {
    std::copy_n(block.levels.data(), size * size, levels_.data() + level_offset(x, y));
  }
}

int64_t TreeSearch::search_split(int x, int y, int log2_size, bool whole, int64_t limit) {
  const int half = 1 << (log2_size - 1);
  int64_t cost = 0;
  if (whole) {
    const int64_t before = counter_.rate;
    counter_.bin(kCtxSplitCu + frame_.finer_neighbours(x, y, log2_size), 1);
    cost += counter_.rate - before;
  }
  for (int i = 0; i < 4 && cost < limit; ++i) {
    const int cx = x + (i & 1) * half;
    const int cy = y + (i >> 1) * half;
    if (cx < frame_.width && cy < frame_.height) cost += search(cx, cy, log2_size - 1);
  }
  return cost;
}

int64_t TreeSearch::search(int x, int y, int log2_size) {
  const bool whole = fits(x, y, 1 << log2_size);
  if (!whole || log2_size > kLog2MaxBlock) {
    return search_split(x, y, log2_size, whole, std::numeric_limits<int64_t>::max());
  }

  CodedBlock &block = *blocks_[static_cast<size_t>(log2_size)];
  const ContextSet before = counter_.contexts;
  coder_.code(frame_, x, y, log2_size, before, block);
  const int64_t rate_before = counter_.rate;
  if (log2_size > kLog2Min) {
    counter_.bin(kCtxSplitCu + frame_.finer_neighbours(x, y, log2_size), 0);
  }
  write_coding_unit(counter_, block.unit, frame_.probable_modes(x, y, 1 << log2_size),
                    block.levels.data());
  const int64_t cost = coder_.lambda().of_sse(block.distortion) + counter_.rate - rate_before;
  if (log2_size > kLog2Min) {
    const ContextSet after = counter_.contexts;
    counter_.contexts = before;
    const int64_t split = search_split(x, y, log2_size, true, cost);
    if (split < cost) return split;
    counter_.contexts = after;
  }
  accept(x, y, block);
  return cost;
}

void TreeSearch::write(int x, int y, int log2_size, CabacEncoder &cabac) const {
  if (x >= frame_.width || y >= frame_.height) return;
  const int size = 1 << log2_size;
  const CodingUnit &unit = frame_.unit(x, y);
  const bool split = unit.log2_size < log2_size;
  if (log2_size > kLog2Min && fits(x, y, size)) {
    cabac.bin(kCtxSplitCu + frame_.finer_neighbours(x, y, log2_size), split ? 1 : 0);
  }
  if (!split) {
    write_coding_unit(cabac, unit, frame_.probable_modes(x, y, size),
                      levels_.data() + level_offset(x, y));
    return;
  }
  for (int i = 0; i < 4; ++i) {
    write(x + (i & 1) * size / 2, y + (i >> 1) * size / 2, log2_size - 1, cabac);
  }
}

void TreeSearch::code_ctu(int x, int y, CabacEncoder &cabac) {
  counter_.contexts = cabac.contexts;
  search(x, y, frame_.log2_ctu);
  write(x, y, frame_.log2_ctu, cabac);
}

}  // namespace feat::vvc
