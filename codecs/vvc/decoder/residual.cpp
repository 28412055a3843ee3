// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/residual.h"

#include <algorithm>
#include <cstring>

#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {
namespace {

constexpr int kMaxLevel = 1 << 15;
constexpr int kMinBudget = 4;     // context-coded bins that a coefficient may take
constexpr int kHideDistance = 4;  // scan positions that sign data hiding needs
constexpr int kRowBytes = 40;     // 32 columns and the template's reach, aligned

// Levels around the current position, with a margin of zeros below and to the right, so that the
// template needs no bounds.
struct LevelMap {
  // First pass: min(level, 4 + parity), plus 32 if significant; five of them still fit a byte.
  uint8_t partial[(32 + 2) * kRowBytes];
  // For the Rice parameter: min(level, 255), beyond which the table does not change.
  uint8_t full[(32 + 2) * kRowBytes];

  void clear(int width, int height) {
    for (int y = 0; y < height + 2; y++) {
      std::memset(partial + y * kRowBytes, 0, static_cast<size_t>(width) + 2);
      std::memset(full + y * kRowBytes, 0, static_cast<size_t>(width) + 2);
    }
  }
};

int sum_neighbours(const uint8_t *at) {
  return at[1] + at[2] + at[kRowBytes] + at[kRowBytes + 1] + at[2 * kRowBytes];
}

int parse_last_prefix(CabacDecoder &cabac, ContextSet &ctx, int first_ctx, int log2_size) {
  constexpr int kOffset[7] = {0, 0, 0, 3, 6, 10, 15};
  constexpr int kMax[7] = {0, 1, 3, 5, 7, 9, 9};
  const int shift = (log2_size + 1) >> 2;
  int prefix = 0;
  while (prefix < kMax[log2_size] &&
         cabac.bin(ctx[first_ctx + kOffset[log2_size] + (prefix >> shift)]) != 0) {
    prefix++;
  }
  return prefix;
}

int parse_last_suffix(CabacDecoder &cabac, int prefix) {
  if (prefix <= 3) return prefix;
  const int bits = (prefix >> 1) - 1;
  return ((2 + (prefix & 1)) << bits) + static_cast<int>(cabac.bypass_bits(bits));
}

// The state of one block while its sub-blocks are parsed.
class ResidualParser {
 public:
  ResidualParser(CabacDecoder &cabac, ContextSet &ctx, const ResidualParams &params,
                 std::vector<Coefficient> &out)
      : cabac_(cabac),
        ctx_(ctx),
        p_(params),
        out_(out),
        shape_(subblock_shape(params.log2_w, params.log2_h)),
        log2_w_(std::min(params.log2_w, 5)),
        log2_h_(std::min(params.log2_h, 5)),
        budget_(((1 << (log2_w_ + log2_h_)) * 7) >> 2),
        inner_(diagonal_scan(shape_.log2_w, shape_.log2_h)),
        blocks_(diagonal_scan(log2_w_ - shape_.log2_w, log2_h_ - shape_.log2_h)) {
    map_.clear(1 << log2_w_, 1 << log2_h_);
  }

  ResidualInfo parse() {
    const int prefix_x = parse_last_prefix(cabac_, ctx_, kCtxLastX, p_.log2_w);
    const int prefix_y = parse_last_prefix(cabac_, ctx_, kCtxLastY, p_.log2_h);
    const int last_x = parse_last_suffix(cabac_, prefix_x);
    const int last_y = parse_last_suffix(cabac_, prefix_y);
    const int log2_positions = shape_.log2_w + shape_.log2_h;

    int last_block = 0;
    while (blocks_[last_block].x != last_x >> shape_.log2_w ||
           blocks_[last_block].y != last_y >> shape_.log2_h) {
      last_block++;
    }
    int last_inner = 0;
    while (inner_[last_inner].x != (last_x & ((1 << shape_.log2_w) - 1)) ||
           inner_[last_inner].y != (last_y & ((1 << shape_.log2_h) - 1))) {
      last_inner++;
    }
    info_.last_scan_pos = (last_block << log2_positions) + last_inner;
    for (int b = last_block; b >= 0; b--) {
      const bool is_last = b == last_block;
      parse_subblock(b, is_last ? last_inner : (1 << log2_positions) - 1, is_last);
    }
    return info_;
  }

 private:
  struct Found {
    uint8_t at;     // position in the sub-block
    uint8_t state;  // of dependent quantisation
    int level;
  };

  void parse_subblock(int b, int first, bool is_last) {
    const int bx = blocks_[b].x;
    const int by = blocks_[b].y;
    // The flags of the sub-blocks to the right and below are bits of a row mask.
    const bool right = (coded_[by] >> (bx + 1) & 1) != 0;
    const bool below = (coded_[by + 1] >> bx & 1) != 0;
    const bool coded =
        is_last || b == 0 || cabac_.bin(ctx_[kCtxSbCoded + (right || below ? 1 : 0)]) != 0;
    if (!coded) return;
    coded_[by] |= 1U << bx;
    x0_ = bx << shape_.log2_w;
    y0_ = by << shape_.log2_h;
    if (x0_ >= 16 || y0_ >= 16) info_.beyond_16x16 = true;

    Found found[16];
    int count = 0;
    int i = first;
    for (; i >= 0 && budget_ >= kMinBudget; i--) {
      const int x = x0_ + inner_[i].x;
      const int y = y0_ + inner_[i].y;
      const int offset = y * kRowBytes + x;
      const int packed = sum_neighbours(map_.partial + offset);
      const TemplateSum t{packed & 31, packed >> 5};
      const bool at_last = is_last && i == first;
      bool significant = at_last || (i == 0 && b > 0 && count == 0 && !is_last);
      if (!significant) {
        significant = cabac_.bin(ctx_[sig_ctx(t, x, y, state_)]) != 0;
        budget_--;
      }
      int level = 0;
      if (significant) {
        const int c = greater_ctx(t, x, y, at_last);
        level = 1;
        budget_--;
        if (cabac_.bin(ctx_[kCtxGt1 + c]) != 0) {
          level = 2 + cabac_.bin(ctx_[kCtxPar + c]);
          level += 2 * cabac_.bin(ctx_[kCtxGt3 + c]);
          budget_ -= 2;
        }
        map_.partial[offset] = static_cast<uint8_t>(32 + level);
        map_.full[offset] = static_cast<uint8_t>(level);
        found[count++] = {static_cast<uint8_t>(i), static_cast<uint8_t>(state_), level};
      }
      if (p_.dep_quant) state_ = next_q_state(state_, level);
    }

    for (int k = 0; k < count; k++) {
      if (found[k].level < 4) continue;
      const int offset = map_offset(found[k].at);
      const int rice = rice_parameter(sum_neighbours(map_.full + offset), 4);
      set_level(found[k], offset, found[k].level + 2 * decode_remainder(cabac_, rice));
    }

    for (; i >= 0; i--) {
      const int offset = map_offset(i);
      const int rice = rice_parameter(sum_neighbours(map_.full + offset), 0);
      const int zero = (state_ < 2 ? 1 : 2) << rice;
      const int code = decode_remainder(cabac_, rice);
      const int level = code == zero ? 0 : (code < zero ? code + 1 : code);
      if (level != 0) {
        found[count] = {static_cast<uint8_t>(i), static_cast<uint8_t>(state_), 0};
        set_level(found[count++], offset, level);
      }
      if (p_.dep_quant) state_ = next_q_state(state_, level);
    }
    if (count > 0) parse_signs(found, count);
  }

  int map_offset(int i) const { return (y0_ + inner_[i].y) * kRowBytes + x0_ + inner_[i].x; }

  void set_level(Found &f, int offset, int level) {
    if (level > kMaxLevel) fail_corrupt("a transform coefficient level exceeds 16 bits");
    f.level = level;
    map_.full[offset] = static_cast<uint8_t>(std::min(level, 255));
    map_.partial[offset] = static_cast<uint8_t>(32 + std::min(level, 4 + (level & 1)));
  }

  void parse_signs(const Found *found, int count) {
    const bool hidden = p_.sign_data_hiding && found[0].at - found[count - 1].at >= kHideDistance;
    const int coded = hidden ? count - 1 : count;
    uint32_t signs = coded > 0 ? cabac_.bypass_bits(coded) << (32 - coded) : 0;
    int sum = 0;
    for (int k = 0; k < count; k++, signs <<= 1) {
      const int level = found[k].level;
      sum += level;
      const bool negative = k < coded ? (signs >> 31) != 0 : (sum & 1) != 0;
      const int index = p_.dep_quant ? 2 * level - (found[k].state > 1 ? 1 : 0) : level;
      const auto x = static_cast<uint8_t>(x0_ + inner_[found[k].at].x);
      const auto y = static_cast<uint8_t>(y0_ + inner_[found[k].at].y);
      info_.max_x = std::max(info_.max_x, x);
      info_.max_y = std::max(info_.max_y, y);
      out_.push_back({x, y, negative ? -index : index});
    }
  }

  CabacDecoder &cabac_;
  ContextSet &ctx_;
  const ResidualParams &p_;
  std::vector<Coefficient> &out_;
  const SubblockShape shape_;
  const int log2_w_;  // of the part that may be non-zero
  const int log2_h_;
  int budget_;
  const ScanPos *inner_;
  const ScanPos *blocks_;
  int state_ = 0;
  int x0_ = 0;
  int y0_ = 0;
  uint32_t coded_[32 + 1] = {};
  ResidualInfo info_{};
  LevelMap map_;
};

}  // namespace

int decode_remainder(CabacDecoder &cabac, int rice) {
  constexpr int kCutoff = 5;
  constexpr int kMaxPrefix = 17;
  constexpr int kEscapeBits = 15;
  int prefix = 0;
  while (prefix < kMaxPrefix && cabac.bypass() != 0) prefix++;
  if (prefix < kCutoff) {
    return (prefix << rice) + static_cast<int>(cabac.bypass_bits(rice));
  }
  const int base = ((1 << (prefix - kCutoff)) + kCutoff - 1) << rice;
  const int bits = prefix == kMaxPrefix ? kEscapeBits : prefix - kCutoff + rice;
  return base + static_cast<int>(cabac.bypass_bits(bits));
}

ResidualInfo parse_residual(CabacDecoder &cabac, ContextSet &ctx, const ResidualParams &params,
                            std::vector<Coefficient> &out) {
  return ResidualParser(cabac, ctx, params, out).parse();
}

}  // namespace feat::vvc
