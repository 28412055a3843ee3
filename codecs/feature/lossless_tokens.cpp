// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_tokens.h"

#include <algorithm>
#include <cstdlib>

namespace feat::native::lossless {
namespace {

constexpr uint32_t kSlowestRow = 63;
constexpr int64_t kMostSpread = int64_t{1} << (kTopBits - 1);
constexpr int32_t kMaxWeight = 1 << 18;
// Values beyond this many spreads do not move means any further.
constexpr int kMaxDeviationBits = 5;

// How far means go to a new value, in 1/65536. The first row of many features is unlike the others
// and counts for less.
int32_t mean_rate(uint32_t row) {
  return (1 << 16) / (static_cast<int32_t>(std::min(row, kSlowestRow)) + 1);
}

}  // namespace

TokenGuess::TokenGuess(uint32_t columns, uint32_t period)
    : channels_(columns), history_(static_cast<size_t>(columns) * period), period_(period) {
  for (Channel &channel : channels_) {
    channel.spread = first_row_spread_;
    channel.weight = 8192;
  }
}

void TokenGuess::learn(const Opinion &opinion, int64_t position, bool zero) {
  Channel &channel = channels_[column_];
  const int32_t off = opinion.first.fine_distance(position);
  const int32_t error = std::clamp(off - predicted_, -(1 << 14), 1 << 14);
  const int32_t before = channel.deviation;
  const int32_t kept = std::clamp(off, -(1 << 13), 1 << 13);
  // Least mean squares with a step that large values cannot upset.
  const int32_t pace = std::clamp(error, -2048, 2048);
  const auto follow = [pace](int32_t weight, int32_t input) {
    return std::clamp(weight + ((pace * std::clamp(input, -2048, 2048)) >> 11), -kMaxWeight,
                      kMaxWeight);
  };
  channel.weight = follow(channel.weight, before);
  if (period_ > 0) {
    const int32_t old = history_[slot_];
    channel.period_weight = follow(channel.period_weight, old);
    history_[slot_] = static_cast<int16_t>(kept);
    if (++slot_ == history_.size()) slot_ = 0;
  }
  channel.deviation = kept;

  // The row's scale: absolute errors against the channel's spread.
  const int32_t size = std::min(std::abs(error), 1 << 13) << 2;
  row_scale_ += (size - row_scale_) / (column_ < 32 ? static_cast<int32_t>(column_ / 2) + 16 : 32);
  row_scale_ = std::clamp(row_scale_, 1 << 6, 1 << 16);

  const int64_t limit = channel.spread << kMaxDeviationBits;
  const int64_t deviation = position - channel.mean;
  const int64_t bounded = row_ == 0 ? deviation : std::clamp(deviation, -limit, limit);
  if (row_ == 0) {
    first_row_spread_ +=
        (std::min(std::abs(deviation), first_row_spread_ << 6) - first_row_spread_) / 16;
    first_row_spread_ = std::clamp(first_row_spread_, kLeastSpread, kMostSpread);
    channel.spread = first_row_spread_;
    channel.mean = bounded / 4;
  } else {
    channel.mean += (bounded * rate_) >> 16;
    channel.spread += ((std::abs(bounded) - channel.spread) * rate_) >> 16;
    channel.spread = std::clamp(channel.spread, kLeastSpread, kMostSpread);
  }
  channel.zeros = ((channel.zeros << 1) | (zero ? 2U : 0U)) & 6U;
  left_zero_ = zero ? 1 : 0;

  if (++column_ == channels_.size()) {
    column_ = 0;
    ++row_;
    rate_ = mean_rate(row_);
    row_scale_ = 1 << 12;
  } else if (row_ == 0) {
    channels_[column_].spread = first_row_spread_;
  }
}

}  // namespace feat::native::lossless
