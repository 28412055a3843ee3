// SPDX-License-Identifier: LGPL-2.1-or-later
//
// residual_coding() without sign hiding and residual_ts_coding() (clauses 7.3.11.11 and
// 7.3.11.12). `Sink` is CabacEncoder or RateCounter. Levels are stored in rows of 2^log2_w.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <cstdlib>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/encoder/block_scan.h"

namespace feat::vvc {

inline constexpr int kRiceCutoff = 5;
inline constexpr int kMaxEscapeLength = 15;
inline constexpr int kMaxEscapePrefix = 12;  // beyond the cutoff

// abs_remainder and dec_abs_level: truncated Rice, then limited Exp-Golomb.
template <typename Sink>
constexpr void write_remainder(Sink &sink, uint32_t value, int rice) {
  const uint32_t quotient = value >> rice;
  const uint32_t low = value & ((1U << rice) - 1);
  if (quotient < kRiceCutoff) {
    sink.bypass((1U << (quotient + 1)) - 2, static_cast<int>(quotient) + 1);
    sink.bypass(low, rice);
    return;
  }
  const uint32_t excess = quotient - kRiceCutoff;
  int prefix = 0;
  while (prefix < kMaxEscapePrefix && excess > (2U << prefix) - 2) ++prefix;
  const int length = prefix == kMaxEscapePrefix ? kMaxEscapeLength : prefix + 1 + rice;
  const uint32_t suffix = ((excess - ((1U << prefix) - 1)) << rice) | low;
  sink.bypass((1U << (prefix + kRiceCutoff)) - 1, prefix + kRiceCutoff);
  sink.bypass(suffix, length);
}

// Value that stands for level 0 where levels are coded without contexts.
inline int zero_position(int q_state, int rice) {
  return (q_state < 2 ? 1 : 2) << rice;
}

template <typename Sink>
void write_last_position(Sink &sink, int first_ctx, int log2_size, int position) {
  const int group = kLastGroup[static_cast<size_t>(position)];
  const int ctx = first_ctx + last_ctx_offset(log2_size);
  const int shift = last_ctx_shift(log2_size);
  for (int i = 0; i < group; ++i) sink.bin(ctx + (i >> shift), 1);
  if (group < last_group_max(log2_size)) sink.bin(ctx + (group >> shift), 0);
}

template <typename Sink>
void write_last_suffix(Sink &sink, int position) {
  const int group = kLastGroup[static_cast<size_t>(position)];
  sink.bypass(static_cast<uint32_t>(position - kLastGroupStart[static_cast<size_t>(group)]),
              last_suffix_bits(group));
}

template <typename Sink>
class ResidualWriter {
 public:
  // `dependent`: with dependent quantisation.
  ResidualWriter(Sink &sink, const int32_t *levels, int log2_w, int log2_h, bool dependent = true)
      : sink_(sink),
        levels_(levels),
        scan_(BlockScan::get(log2_w, log2_h)),
        parity_(dependent ? 1 : 0) {}

  // The block has at least one level other than 0.
  void write() {
    const int sb_size = 1 << scan_.sb_shift;
    last_ = -1;
    field_.clear(scan_.sb_rows << scan_.log2_sb_h);
    for (int sb = 0; sb < scan_.count >> scan_.sb_shift; ++sb) {
      if (scan_.is_empty(static_cast<size_t>(sb), levels_)) continue;
      coded_.set(static_cast<size_t>(sb));
      for (int i = sb * sb_size; i < (sb + 1) * sb_size; ++i) {
        const int level = level_at(i);
        if (level == 0) continue;
        last_ = i;
        field_.at[at(i).field] = pack_level(level);
      }
    }
    const BlockScan::Position &last = at(last_);
    write_last_position(sink_, kCtxLastX, scan_.log2_w, last.x);
    write_last_position(sink_, kCtxLastY, scan_.log2_h, last.y);
    write_last_suffix(sink_, last.x);
    write_last_suffix(sink_, last.y);

    regular_bins_ = (scan_.count * 7) >> 2;
    for (int sb = last_ >> scan_.sb_shift; sb >= 0; --sb) {
      const bool has_last = last_ >> scan_.sb_shift == sb;
      bool infer = false;
      if (!has_last && sb > 0) {
        const bool coded = coded_[static_cast<size_t>(sb)];
        sink_.bin(kCtxSbCoded + coded_neighbour(sb), coded ? 1 : 0);
        if (!coded) continue;
        infer = true;
      }
      write_subblock(sb * sb_size, has_last ? last_ : (sb + 1) * sb_size - 1, infer);
    }
  }

 private:
  const BlockScan::Position &at(int i) const { return scan_.positions[static_cast<size_t>(i)]; }
  int level_at(int i) const { return levels_[at(i).raster]; }

  int coded_neighbour(int sb) const {
    // Sub-blocks to the right and below come earlier; their flags are found by position.
    const BlockScan::Subblock &p = scan_.subblocks[static_cast<size_t>(sb)];
    const auto occupied = [this](int x, int y) {
      if (x >= scan_.sb_columns || y >= scan_.sb_rows) return false;
      return sb_flags_[static_cast<size_t>(y * 8 + x)];
    };
    return occupied(p.x + 1, p.y) || occupied(p.x, p.y + 1) ? 1 : 0;
  }

  void write_subblock(int first, int start, bool infer) {
    const BlockScan::Subblock &place =
        scan_.subblocks[static_cast<size_t>(first >> scan_.sb_shift)];
    sb_flags_.set(static_cast<size_t>(place.y * 8 + place.x),
                  coded_[static_cast<size_t>(first >> scan_.sb_shift)]);
    int i = start;
    uint32_t signs = 0;
    int significant = 0;
    int most = 0;
    for (; i >= first && regular_bins_ >= 4; --i) {
      const BlockScan::Position &p = at(i);
      const int level = levels_[p.raster];
      const int a = level < 0 ? -level : level;
      const PackedLevels around = field_.neighbours(p.field);
      if (i != last_ && !(infer && i == first && significant == 0)) {
        const int half = (partial_sum(around) + 1) >> 1;
        const int ctx =
            kCtxSig + 12 * (q_state_ > 1 ? q_state_ - 1 : 0) + p.sig_offset + (half < 3 ? half : 3);
        sink_.bin(ctx, a != 0 ? 1 : 0);
        --regular_bins_;
      }
      if (a != 0) {
        const int excess = partial_sum(around) - number_significant(around);
        const int offset = i == last_ ? 0 : p.greater_offset + (excess < 4 ? excess : 4);
        sink_.bin(kCtxGt1 + offset, a > 1 ? 1 : 0);
        --regular_bins_;
        if (a > 1) {
          sink_.bin(kCtxPar + offset, a & 1);
          sink_.bin(kCtxGt3 + offset, a > 3 ? 1 : 0);
          regular_bins_ -= 2;
        }
        signs = (signs << 1) | (level < 0 ? 1U : 0U);
        ++significant;
        most |= a;
      }
      q_state_ = next_q_state(q_state_, a & parity_);
    }
    const int bypass_from = i;
    for (i = start; most >= 4 && i > bypass_from; --i) {
      const int a = std::abs(level_at(i));
      if (a < 4) continue;
      const int sum = whole_sum(field_.neighbours(at(i).field));
      write_remainder(sink_, static_cast<uint32_t>(a - 4) >> 1, rice_parameter(sum, 4));
    }
    for (i = bypass_from; i >= first; --i) {
      const int level = level_at(i);
      const int a = level < 0 ? -level : level;
      const int rice = rice_parameter(whole_sum(field_.neighbours(at(i).field)), 0);
      const int zero = zero_position(q_state_, rice);
      write_remainder(sink_, static_cast<uint32_t>(a == 0 ? zero : (a <= zero ? a - 1 : a)), rice);
      if (a != 0) {
        signs = (signs << 1) | (level < 0 ? 1U : 0U);
        ++significant;
      }
      q_state_ = next_q_state(q_state_, a & parity_);
    }
    sink_.bypass(signs, significant);
  }

  Sink &sink_;
  const int32_t *levels_;
  const BlockScan &scan_;
  LevelField field_;
  std::bitset<256> coded_;    // by sub-block in scan order
  std::bitset<64> sb_flags_;  // by position, as far as coded
  int last_ = -1;
  int regular_bins_ = 0;
  int parity_;  // 0: the state never changes
  int q_state_ = 0;
};

// Neighbourhood of a transform-skipped coefficient: left and above.
struct TsNeighbours {
  int left;
  int above;

  int significant() const { return (left != 0 ? 1 : 0) + (above != 0 ? 1 : 0); }
  int sign_ctx() const {
    const int l = (left > 0 ? 1 : 0) - (left < 0 ? 1 : 0);
    const int a = (above > 0 ? 1 : 0) - (above < 0 ? 1 : 0);
    if (l + a == 0) return 0;
    return l + a > 0 ? 1 : 2;
  }
  // The larger neighbour gets the shortest code.
  int map_level(int a) const {
    const int l = left < 0 ? -left : left;
    const int t = above < 0 ? -above : above;
    const int predicted = l > t ? l : t;
    if (a == 0) return 0;
    if (a == predicted) return 1;
    return a < predicted ? a + 1 : a;
  }
};

inline TsNeighbours ts_neighbours(const int32_t *levels, int log2_w, int x, int y) {
  const int32_t *p = levels + (y << log2_w) + x;
  return {x > 0 ? p[-1] : 0, y > 0 ? p[-(ptrdiff_t{1} << log2_w)] : 0};
}

template <typename Sink>
class TsResidualWriter {
 public:
  TsResidualWriter(Sink &sink, const int32_t *levels, int log2_w, int log2_h, bool bdpcm = false)
      : sink_(sink), levels_(levels), scan_(BlockScan::get(log2_w, log2_h)), bdpcm_(bdpcm) {}

  void write() {
    const int sb_size = 1 << scan_.sb_shift;
    const int sb_count = scan_.count >> scan_.sb_shift;
    regular_bins_ = (scan_.count * 7) >> 2;
    bool any = false;
    for (int sb = 0; sb < sb_count; ++sb) {
      bool coded = false;
      for (int i = sb * sb_size; i < (sb + 1) * sb_size; ++i) {
        coded = coded || levels_[scan_.positions[static_cast<size_t>(i)].raster] != 0;
      }
      const BlockScan::Subblock &p = scan_.subblocks[static_cast<size_t>(sb)];
      if (sb != sb_count - 1 || any) {
        const int ctx = (p.x > 0 && flags_[static_cast<size_t>(p.y * 8 + p.x - 1)] ? 1 : 0) +
                        (p.y > 0 && flags_[static_cast<size_t>(p.y * 8 + p.x - 8)] ? 1 : 0);
        sink_.bin(kCtxSbCodedTs + ctx, coded ? 1 : 0);
      }
      flags_.set(static_cast<size_t>(p.y * 8 + p.x), coded);
      any = any || coded;
      if (coded) write_subblock(sb * sb_size, (sb + 1) * sb_size);
    }
  }

 private:
  TsNeighbours around(int i) const {
    const BlockScan::Position &p = scan_.positions[static_cast<size_t>(i)];
    return ts_neighbours(levels_, scan_.log2_w, p.x, p.y);
  }
  int level_at(int i) const { return levels_[scan_.positions[static_cast<size_t>(i)].raster]; }

  int map_level(const TsNeighbours &n, int level) const {
    return bdpcm_ ? std::abs(level) : n.map_level(std::abs(level));
  }

  void write_subblock(int first, int end) {
    int i = first;
    bool significant = false;
    for (; i < end && regular_bins_ >= 4; ++i) {
      const int level = level_at(i);
      const TsNeighbours n = around(i);
      if (significant || i != end - 1) {
        sink_.bin(kCtxSigTs + n.significant(), level != 0 ? 1 : 0);
        --regular_bins_;
      }
      if (level == 0) continue;
      significant = true;
      sink_.bin(kCtxSignTs + n.sign_ctx() + (bdpcm_ ? 3 : 0), level < 0 ? 1 : 0);
      const int a = map_level(n, level);
      sink_.bin(kCtxGtTs + (bdpcm_ ? 3 : n.significant()), a > 1 ? 1 : 0);
      regular_bins_ -= 2;
      if (a > 1) {
        sink_.bin(kCtxParTs, a & 1);
        --regular_bins_;
      }
    }
    const int end_first = i;
    for (i = first; i < end && regular_bins_ >= 4; ++i) {
      const int a = map_level(around(i), level_at(i));
      for (int g = 1; g <= 4 && a >= 2 * g; ++g) {
        sink_.bin(kCtxGtTs + 3 + g, a >= 2 * g + 2 ? 1 : 0);
        --regular_bins_;
      }
    }
    const int end_second = i;
    for (i = first; i < end; ++i) {
      const int level = level_at(i);
      if (i >= end_first) {
        write_remainder(sink_, static_cast<uint32_t>(std::abs(level)), 1);
        if (level != 0) sink_.bypass(level < 0 ? 1 : 0, 1);
        continue;
      }
      const int a = map_level(around(i), level);
      const int base = i < end_second ? 10 : 2;
      if (a >= base) write_remainder(sink_, static_cast<uint32_t>(a - base) >> 1, 1);
    }
  }

  Sink &sink_;
  const int32_t *levels_;
  const BlockScan &scan_;
  std::bitset<64> flags_;
  bool bdpcm_;
  int regular_bins_ = 0;
};

}  // namespace feat::vvc
