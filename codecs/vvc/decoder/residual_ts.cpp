// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/common/residual_context.h"
#include "codecs/vvc/decoder/residual.h"

namespace feat::vvc {
namespace {

constexpr int kMaxLevel = 1 << 15;
constexpr int kMinBudget = 4;
constexpr int kGreaterFlags = 4;  // of the second pass
constexpr int kRice = 1;
constexpr int kStride = 32 + 1;  // with a column of zeros on the left and a row above

class TsResidualParser {
 public:
  TsResidualParser(CabacDecoder &cabac, ContextSet &ctx, int log2_w, int log2_h, bool bdpcm,
                   std::vector<Coefficient> &out)
      : cabac_(cabac),
        ctx_(ctx),
        log2_w_(log2_w),
        log2_h_(log2_h),
        bdpcm_(bdpcm),
        out_(out),
        shape_(subblock_shape(log2_w, log2_h)),
        inner_(diagonal_scan(shape_.log2_w, shape_.log2_h)),
        blocks_(diagonal_scan(log2_w - shape_.log2_w, log2_h - shape_.log2_h)),
        budget_(((1 << (log2_w + log2_h)) * 7) >> 2) {
    std::fill_n(levels_, ((1 << log2_h) + 1) * kStride, 0);
  }

  void parse() {
    const int count = 1 << (log2_w_ + log2_h_ - shape_.log2_w - shape_.log2_h);
    bool any = false;
    for (int b = 0; b < count; b++) {
      const int bx = blocks_[b].x;
      const int by = blocks_[b].y;
      const int left = bx > 0 ? static_cast<int>(coded_[by] >> (bx - 1) & 1) : 0;
      const int above = by > 0 ? static_cast<int>(coded_[by - 1] >> bx & 1) : 0;
      const bool inferred = b == count - 1 && !any;
      if (!inferred && cabac_.bin(ctx_[kCtxSbCodedTs + left + above]) == 0) continue;
      any = true;
      coded_[by] |= 1U << bx;
      x0_ = bx << shape_.log2_w;
      y0_ = by << shape_.log2_h;
      parse_subblock();
    }
  }

 private:
  int &level(int i) { return levels_[(y0_ + inner_[i].y + 1) * kStride + x0_ + inner_[i].x + 1]; }

  // Passes over the sub-block; levels carry their signs from the first one on.
  void parse_subblock() {
    const int size = 1 << (shape_.log2_w + shape_.log2_h);
    bool any = false;
    int first_end = 0;  // positions of the first pass
    for (; first_end < size && budget_ >= kMinBudget; first_end++) {
      any |= parse_first(first_end, first_end == size - 1 && !any);
    }
    int second_end = 0;
    for (; second_end < size && budget_ >= kMinBudget; second_end++) {
      int &at = level(second_end);
      int magnitude = std::abs(at);
      for (int k = 0; k < kGreaterFlags && magnitude >= 2 * (k + 1); k++) {
        magnitude += 2 * cabac_.bin(ctx_[kCtxGtTs + 4 + k]);
        budget_--;
      }
      at = at < 0 ? -magnitude : magnitude;
    }
    for (int i = 0; i < size; i++) {
      finish_level(i, i < first_end, i < second_end);
      if (level(i) != 0) {
        out_.push_back({static_cast<uint8_t>(x0_ + inner_[i].x),
                        static_cast<uint8_t>(y0_ + inner_[i].y), level(i)});
      }
    }
  }

  bool parse_first(int i, bool inferred) {
    int *at = &level(i);
    const int left = at[-1];
    const int above = at[-kStride];
    const int neighbours = (left != 0 ? 1 : 0) + (above != 0 ? 1 : 0);
    if (!inferred) {
      budget_--;
      if (cabac_.bin(ctx_[kCtxSigTs + neighbours]) == 0) return false;
    }
    // Two equal signs, or one alone, predict the sign; a conflict does not.
    const int sign_sum = (left > 0) - (left < 0) + (above > 0) - (above < 0);
    const int sign_ctx = sign_sum == 0 ? 0 : (sign_sum > 0 ? 1 : 2);
    const bool negative = cabac_.bin(ctx_[kCtxSignTs + sign_ctx + (bdpcm_ ? 3 : 0)]) != 0;
    int magnitude = 1;
    budget_ -= 2;
    if (cabac_.bin(ctx_[kCtxGtTs + (bdpcm_ ? 3 : neighbours)]) != 0) {
      magnitude = 2 + cabac_.bin(ctx_[kCtxParTs]);
      budget_--;
    }
    *at = negative ? -magnitude : magnitude;
    return true;
  }

  void finish_level(int i, bool in_first, bool in_second) {
    int *at = &level(i);
    int magnitude = std::abs(*at);
    bool negative = *at < 0;
    const int cutoff = in_second ? 2 + 2 * kGreaterFlags : (in_first ? 2 : 0);
    if (magnitude >= cutoff) {
      const int remainder = decode_remainder(cabac_, kRice);
      magnitude += in_first ? 2 * remainder : remainder;
      if (magnitude > kMaxLevel) fail_corrupt("a transform coefficient level exceeds 16 bits");
      if (!in_first && magnitude != 0) negative = cabac_.bypass() != 0;
    }
    if (!bdpcm_ && in_first && magnitude > 0) {
      const int predicted = std::max(std::abs(at[-1]), std::abs(at[-kStride]));
      if (magnitude == 1 && predicted > 0) {
        magnitude = predicted;
      } else if (magnitude <= predicted) {
        magnitude--;
      }
    }
    *at = negative ? -magnitude : magnitude;
  }

  CabacDecoder &cabac_;
  ContextSet &ctx_;
  const int log2_w_;
  const int log2_h_;
  const bool bdpcm_;
  std::vector<Coefficient> &out_;
  const SubblockShape shape_;
  const ScanPos *inner_;
  const ScanPos *blocks_;
  int budget_;
  int x0_ = 0;
  int y0_ = 0;
  uint32_t coded_[32] = {};
  int levels_[(32 + 1) * kStride];
};

}  // namespace

void parse_residual_ts(CabacDecoder &cabac, ContextSet &ctx, int log2_w, int log2_h, bool bdpcm,
                       std::vector<Coefficient> &out) {
  TsResidualParser(cabac, ctx, log2_w, log2_h, bdpcm, out).parse();
}

}  // namespace feat::vvc
