// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adaptive loop filter of luma: CTU syntax (clause 7.3.11.2), and what of its surroundings a CTU
// sees (clause 8.8.5.5).
#include "codecs/vvc/decoder/alf.h"

#include <algorithm>

#include "codecs/vvc/decoder/loop_filter.h"
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {
namespace {

const AlfFilters &fixed_filters(int set) {
  static const std::array<AlfFilters, kAlfFixedSets> all = [] {
    std::array<AlfFilters, kAlfFixedSets> sets;
    for (int i = 0; i < kAlfFixedSets; i++) sets[static_cast<size_t>(i)] = fixed_alf_filters(i);
    return sets;
  }();
  return all[static_cast<size_t>(set)];
}

// On which sides of a part of a CTU the last samples stand for what lies beyond.
struct Closed {
  bool left = false, right = false, top = false, bottom = false;
  // Only the corner belongs to another slice.
  bool top_left = false, bottom_right = false;

  bool any() const { return left || right || top || bottom || top_left || bottom_right; }
};

struct Part {
  int x0, y0, x1, y1;
};

class CtuFilter {
 public:
  CtuFilter(CodedPicture &picture, const SamplePlane &from, SamplePlane &to)
      : picture_(picture), frame_(picture.frame), from_(from), to_(to) {}

  void filter(int column, int row) {
    const CtuInfo &ctu = frame_.ctu(column, row);
    if (ctu.alf == CtuInfo::kAlfOff) return;
    const AlfFilters &filters =
        ctu.alf < kAlfFixedSets
            ? fixed_filters(ctu.alf)
            : *picture_.slice_of(ctu).alf[static_cast<size_t>(ctu.alf - kAlfFixedSets)];
    const int side = 1 << frame_.log2_ctu;
    const Part whole{column * side, row * side, std::min((column + 1) * side, frame_.width),
                     std::min((row + 1) * side, frame_.height)};
    const Closed closed = closed_sides(column, row);
    // Virtual boundaries cut the CTU.
    const std::vector<int> xs = cuts(picture_.header.virtual_boundaries.x, whole.x0, whole.x1);
    const std::vector<int> ys = cuts(picture_.header.virtual_boundaries.y, whole.y0, whole.y1);
    for (size_t j = 0; j + 1 < ys.size(); j++) {
      for (size_t i = 0; i + 1 < xs.size(); i++) {
        const Part part{xs[i], ys[j], xs[i + 1], ys[j + 1]};
        const auto on = [](const std::vector<int> &lines, int at) {
          return std::find(lines.begin(), lines.end(), at) != lines.end();
        };
        const VirtualBoundaries &lines = picture_.header.virtual_boundaries;
        Closed c;
        c.left = on(lines.x, part.x0) || (part.x0 == whole.x0 && closed.left);
        c.right = on(lines.x, part.x1) || (part.x1 == whole.x1 && closed.right);
        c.top = on(lines.y, part.y0) || (part.y0 == whole.y0 && closed.top);
        c.bottom = on(lines.y, part.y1) || (part.y1 == whole.y1 && closed.bottom);
        c.top_left = closed.top_left && part.x0 == whole.x0 && part.y0 == whole.y0;
        c.bottom_right = closed.bottom_right && part.x1 == whole.x1 && part.y1 == whole.y1;
        filter_part(part, c, filters);
      }
    }
  }

 private:
  static std::vector<int> cuts(const std::vector<int> &lines, int begin, int end) {
    std::vector<int> at{begin};
    for (const int line : lines) {
      if (line > at.back() && line < end) at.push_back(line);
    }
    at.push_back(end);
    return at;
  }

  Closed closed_sides(int column, int row) const {
    const CtuInfo &ctu = frame_.ctu(column, row);
    // The picture's border is replicated in the plane's margin.
    const auto closed = [&](int dx, int dy) {
      return frame_.has_ctu(column + dx, row + dy) &&
             !may_cross(picture_, ctu, frame_.ctu(column + dx, row + dy));
    };
    const auto other_slice = [&](int dx, int dy) {
      return !picture_.partition.filter_across_slices && frame_.has_ctu(column + dx, row + dy) &&
             frame_.ctu(column + dx, row + dy).slice != ctu.slice;
    };
    Closed c;
    c.left = closed(-1, 0);
    c.right = closed(1, 0);
    c.top = closed(0, -1);
    c.bottom = closed(0, 1);
    const VirtualBoundaries &lines = picture_.header.virtual_boundaries;
    const auto cut = [](const std::vector<int> &at, int position) {
      return std::find(at.begin(), at.end(), position) != at.end();
    };
    const int side = 1 << frame_.log2_ctu;
    c.top_left = !c.left && !c.top && !cut(lines.x, column * side) && !cut(lines.y, row * side) &&
                 other_slice(-1, -1);
    c.bottom_right = !c.right && !c.bottom && !cut(lines.x, (column + 1) * side) &&
                     !cut(lines.y, (row + 1) * side) && other_slice(1, 1);
    return c;
  }

  void filter_part(const Part &p, const Closed &c, const AlfFilters &filters) {
    const int side = 1 << frame_.log2_ctu;
    AlfArea area{};
    area.from = from_.at(p.x0, p.y0);
    area.from_stride = from_.stride();
    if (c.any()) {
      copy_window(p, c);
      area.from = window_ + kAlfMargin * kWindowStride + kAlfMargin;
      area.from_stride = kWindowStride;
    }
    area.width = p.x1 - p.x0;
    area.height = p.y1 - p.y0;
    area.y_in_ctu = p.y0 & (side - 1);
    area.ctu_side = side;
    area.bit_depth = frame_.bit_depth;
    kernel_.filter(area, filters, to_.at(p.x0, p.y0), to_.stride());
  }

  // The part and its surroundings as far as they may be seen.
  void copy_window(const Part &p, const Closed &c) {
    const int min_x = p.x0 - (c.left ? 0 : kAlfMargin);
    const int max_x = p.x1 - 1 + (c.right ? 0 : kAlfMargin);
    const int min_y = p.y0 - (c.top ? 0 : kAlfMargin);
    const int max_y = p.y1 - 1 + (c.bottom ? 0 : kAlfMargin);
    uint16_t *to = window_;
    for (int y = p.y0 - kAlfMargin; y < p.y1 + kAlfMargin; y++, to += kWindowStride) {
      const uint16_t *from = from_.at(0, std::clamp(y, min_y, max_y));
      const bool row_above = c.top_left && y < p.y0;
      const bool row_below = c.bottom_right && y >= p.y1;
      const int first = row_above ? p.x0 : min_x;
      const int last = row_below ? p.x1 - 1 : max_x;
      for (int x = p.x0 - kAlfMargin; x < p.x1 + kAlfMargin; x++) {
        to[x - p.x0 + kAlfMargin] = from[std::clamp(x, first, last)];
      }
    }
  }

  static constexpr int kWindowStride = 128 + 16;

  CodedPicture &picture_;
  Frame &frame_;
  const SamplePlane &from_;
  SamplePlane &to_;
  AlfFilter kernel_;
  uint16_t window_[(128 + 2 * kAlfMargin) * kWindowStride];
};

}  // namespace

void SliceDecoder::parse_alf(int x, int y) {
  const int column = x >> sps_.log2_ctu;
  const int row = y >> sps_.log2_ctu;
  const auto on = [this](bool available, int cx, int cy) {
    return available && frame_.ctu(cx, cy).alf != CtuInfo::kAlfOff ? 1 : 0;
  };
  int8_t &choice = frame_.ctu(column, row).alf;
  choice = CtuInfo::kAlfOff;
  const int ctx = on(left_ctu_, column - 1, row) + on(above_ctu_, column, row - 1);
  if (cabac_.bin(ctx_[kCtxAlfFlag + ctx]) == 0) return;
  const int sets = sh_.alf_aps_count;
  if (sets > 0 && cabac_.bin(ctx_[kCtxAlfUseAps]) != 0) {
    choice = static_cast<int8_t>(kAlfFixedSets + (sets > 1 ? cabac_.truncated_binary(sets) : 0));
  } else {
    choice = static_cast<int8_t>(cabac_.truncated_binary(kAlfFixedSets));
  }
}

void prepare_alf_row(CodedPicture &picture, int row) {
  Frame &frame = picture.frame;
  SamplePlane &plane = uses_sao(picture) ? frame.filtered : frame.samples;
  const int y0 = row << frame.log2_ctu;
  plane.extend(y0, std::min(y0 + (1 << frame.log2_ctu), frame.height), kAlfMargin);
}

void alf_row(CodedPicture &picture, int row) {
  Frame &frame = picture.frame;
  SamplePlane &from = uses_sao(picture) ? frame.filtered : frame.samples;
  SamplePlane &to = uses_sao(picture) ? frame.samples : frame.filtered;
  const int side = 1 << frame.log2_ctu;
  for (int y = row * side; y < std::min((row + 1) * side, frame.height); y++) {
    std::copy_n(from.at(0, y), frame.width, to.at(0, y));
  }
  CtuFilter filter(picture, from, to);
  for (int column = 0; column < frame.ctus_wide; column++) filter.filter(column, row);
}

}  // namespace feat::vvc
