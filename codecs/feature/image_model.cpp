// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_model.h"

#include "codecs/feature/image_tables.h"

namespace feat::native {

namespace {

// 2^16 / (8 + n), at least 0.005.
constexpr std::array<int32_t, kMaxTaught + 1> make_rates() {
  std::array<int32_t, kMaxTaught + 1> rates{};
  for (uint32_t n = 0; n <= kMaxTaught; ++n)
    rates[n] = std::max<int32_t>(static_cast<int32_t>(65536 / (8 + n)), 328);
  return rates;
}

// Of the high bins: the larger the mean, the likelier the next bit. Class 44 is a mean of 1.
int32_t initial_width_weight(int mean_class, int width) {
  const int one = 1 << kWeightBits;
  return ((mean_class - 44) * (one / 4) - (width - 1) * one) / 10 * 9;
}

// How much the initial weights were taught.
constexpr uint16_t kTaughtBefore = 5 << 8;

}  // namespace

constinit const std::array<int32_t, kMaxTaught + 1> kImageRates = make_rates();

ImageModel::ImageModel()
    : low_(kTableStarts[kImageTables]),
      high_(static_cast<size_t>(kTableSizes[kHighTables[0]] + kTableSizes[kHighTables[1]])) {
  for (size_t t = 0; t < kImageTables; ++t) {
    for (int i = 0; i < kTableSizes[t]; ++i) {
      Low &low = low_[static_cast<size_t>(kTableStarts[t] + i)];
      for (size_t lane = 0; lane < low.weights.size(); ++lane)
        low.weights[lane] = initial_weight(static_cast<ImageTable>(t), i, lane);
      low.taught.fill(kTaughtBefore);
    }
  }
  for (int mean = 0; mean < kTableSizes[kHighTables[0]]; ++mean) {
    for (size_t set = 0; set < kSets; ++set) {
      auto *high = high_[static_cast<size_t>(mean)].weights.data() + set * kHighBins;
      for (int bin = 0; bin < kHighUpperBin; ++bin)
        high[bin] = initial_width_weight(mean, kThreeBin + bin);
      for (int bin = kHighUpperBin; bin < kHighBins; ++bin) high[bin] = -(3 << kWeightBits) / 10;
    }
  }
}

}  // namespace feat::native
