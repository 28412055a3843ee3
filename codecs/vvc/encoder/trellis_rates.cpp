// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/trellis_rates.h"

#include "codecs/vvc/encoder/block_scan.h"
#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/residual_writer.h"

namespace feat::vvc {
namespace {

void set_last(const ContextSet &contexts, int first_ctx, int log2_size,
              std::array<int32_t, 32> &rates) {
  const int ctx = first_ctx + last_ctx_offset(log2_size);
  const int shift = last_ctx_shift(log2_size);
  const int max_group = last_group_max(log2_size);
  std::array<int32_t, 10> group_rate{};
  int32_t ones = 0;
  for (int group = 0; group <= max_group; ++group) {
    const ContextModel &model = contexts[ctx + (group >> shift)];
    group_rate[static_cast<size_t>(group)] =
        ones + (group < max_group ? bin_rate(model, 0) : 0) + last_suffix_bits(group) * kOneBit;
    if (group < max_group) ones += bin_rate(model, 1);
  }
  const size_t size = size_t{1} << (log2_size < 5 ? log2_size : 5);
  for (size_t i = 0; i < size; ++i) rates[i] = group_rate[kLastGroup[i]];
}

// A sink that only measures write_remainder().
struct LengthCounter {
  int bits = 0;
  constexpr void bypass(uint32_t, int count) { bits += count; }
};

constexpr int32_t measure(uint32_t value, int rice) {
  LengthCounter counter;
  write_remainder(counter, value, rice);
  return counter.bits * kOneBit;
}

constexpr auto make_remainder_rates() {
  std::array<std::array<int32_t, 4>, kTabulatedRemainders> rates{};
  for (size_t value = 0; value < rates.size(); ++value) {
    for (size_t rice = 0; rice < rates[value].size(); ++rice) {
      rates[value][rice] = measure(static_cast<uint32_t>(value), static_cast<int>(rice));
    }
  }
  return rates;
}

}  // namespace

constinit const std::array<std::array<int32_t, 4>, kTabulatedRemainders> kRemainderRates =
    make_remainder_rates();

int32_t long_remainder_rate(uint32_t value, int rice) {
  return measure(value, rice);
}

void TrellisRates::set(const ContextSet &contexts, int log2_w, int log2_h) {
  for (size_t s = 0; s < 3; ++s) {
    for (size_t i = 0; i < 12; ++i) {
      const ContextModel &model = contexts[kCtxSig + static_cast<int>(12 * s + i)];
      significant[0][i / 4][s][i % 4] = bin_rate(model, 0);
      significant[1][i / 4][s][i % 4] = bin_rate(model, 1);
    }
  }
  for (size_t i = 0; i < 21; ++i) {
    const int at = static_cast<int>(i);
    const ContextModel &gt1 = contexts[kCtxGt1 + at];
    const ContextModel &par = contexts[kCtxPar + at];
    const ContextModel &gt3 = contexts[kCtxGt3 + at];
    const int32_t greater = kOneBit + bin_rate(gt1, 1);
    level[0][i] = 0;
    level[1][i] = kOneBit + bin_rate(gt1, 0);
    level[2][i] = greater + bin_rate(par, 0) + bin_rate(gt3, 0);
    level[3][i] = greater + bin_rate(par, 1) + bin_rate(gt3, 0);
    level[4][i] = greater + bin_rate(par, 0) + bin_rate(gt3, 1);
    level[5][i] = greater + bin_rate(par, 1) + bin_rate(gt3, 1);
  }
  for (size_t i = 0; i < 2; ++i) {
    const ContextModel &model = contexts[kCtxSbCoded + static_cast<int>(i)];
    subblock[i] = {bin_rate(model, 0), bin_rate(model, 1)};
  }
  set_last(contexts, kCtxLastX, log2_w, last_x);
  set_last(contexts, kCtxLastY, log2_h, last_y);
}

}  // namespace feat::vvc
