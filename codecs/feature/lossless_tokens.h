// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Guesses for rows of channels. The first expert knows the running mean and spread of the channel.
// The second adds what the channel's deviation in the previous row, and in the row one period
// before, tell, and how far this row's values have been from what was expected.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/feature/lossless_model.h"

namespace feat::native::lossless {

class TokenGuess {
 public:
  // `period`: rows in the second-slowest dimension; 0: none.
  TokenGuess(uint32_t columns, uint32_t period);

  void guess(Opinion &opinion) {
    const Channel &channel = channels_[column_];
    opinion.first.set(channel.mean, channel.spread);
    const int32_t before = channel.deviation;
    const int32_t period = period_ > 0 ? history_[slot_] : 0;
    const int64_t predicted =
        (int64_t{channel.weight} * before + int64_t{channel.period_weight} * period) >> 16;
    predicted_ = static_cast<int32_t>(predicted);
    opinion.second.set(channel.mean + ((predicted * channel.spread) >> 10),
                       (channel.spread * row_scale_) >> 12);
    opinion.zeros = channel.zeros | left_zero_;
  }

  void learn(const Opinion &opinion, int64_t position, bool zero);

 private:
  struct Channel {
    int64_t mean = 0;
    int64_t spread = 0;
    int32_t deviation = 0;      // of the previous row, in 1/1024 spread
    int32_t weight = 0;         // 1/65536
    int32_t period_weight = 0;  // 1/65536
    uint32_t zeros = 0;
  };

  std::vector<Channel> channels_;
  std::vector<int16_t> history_;  // deviations of the last period
  size_t period_;
  size_t slot_ = 0;
  uint32_t column_ = 0;
  uint32_t row_ = 0;
  int32_t rate_ = 0;
  int64_t first_row_spread_ = int64_t{1} << (kTypicalBits - 4);
  int32_t row_scale_ = 1 << 12;
  int32_t predicted_ = 0;
  uint32_t left_zero_ = 0;
};

}  // namespace feat::native::lossless
