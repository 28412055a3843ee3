// SPDX-License-Identifier: LGPL-2.1-or-later
// Ranges along one axis of a tensor, and how a pass over the tensor is cut so that each piece has
// either one range or a range of its own for every element.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace feat {

struct Range {
  double min = 0;
  double max = 0;
};

// The tensor as outer x count x inner, with one range for each of the count indices in the middle.
struct AxisLayout {
  std::size_t outer = 1;
  std::size_t count = 1;
  std::size_t inner = 0;

  std::size_t points() const { return outer * count * inner; }
};

// Constants as the inner loops take them: the same for every element, or one set for each.
template <class Constants>
struct Uniform {
  Constants constants;
  const Constants &operator[](std::size_t) const { return constants; }
};

template <class Constants>
struct PerElement {
  const Constants *constants;
  const Constants &operator[](std::size_t index) const { return constants[index]; }
};

// What is computed once for a tensor description and used for every buffer.
template <class Constants>
class RangePlan {
 public:
  // table has one entry for each of layout.count ranges.
  RangePlan(const AxisLayout &layout, std::vector<Constants> table)
      : layout_(layout), table_(std::move(table)) {
    if (layout_.count < 2 || layout_.inner >= kShortRun) return;
    std::vector<Constants> spread;
    spread.reserve(layout_.count * layout_.inner);
    for (const Constants &constants : table_) spread.insert(spread.end(), layout_.inner, constants);
    table_ = std::move(spread);
    spread_ = true;
  }

  // Calls block(offset, n, constants) for consecutive pieces of the tensor, constants being a
  // Uniform or a PerElement that starts at the piece.
  template <class Block>
  void for_each_block(Block &&block) const {
    if (layout_.points() == 0) return;
    if (spread_) {
      const std::size_t period = table_.size();
      for (std::size_t outer = 0; outer < layout_.outer; outer++)
        for (std::size_t i = 0; i < period; i += kBlock)
          block(outer * period + i, std::min(kBlock, period - i),
                PerElement<Constants>{table_.data() + i});
      return;
    }
    std::size_t offset = 0;
    for (std::size_t outer = 0; outer < layout_.outer; outer++)
      for (std::size_t index = 0; index < layout_.count; index++)
        for (std::size_t left = layout_.inner; left > 0;) {
          const std::size_t n = std::min(kBlock, left);
          block(offset, n, Uniform<Constants>{table_[index]});
          offset += n;
          left -= n;
        }
  }

 private:
  // A piece of work that stays in the first-level cache between the passes over it.
  static constexpr std::size_t kBlock = 2048;
  // With fewer neighbours of the same range than this, each element gets its own constants.
  static constexpr std::size_t kShortRun = 16;

  AxisLayout layout_;
  std::vector<Constants> table_;
  bool spread_ = false;
};

}  // namespace feat
