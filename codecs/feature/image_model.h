// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Probabilities of levels of images: an additive logistic model like that of rows, with more
// contexts and with learning rates that follow how much a weight was taught. Integers throughout
// (docs/feature-codec.md, "Images").
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/feature/level_model.h"
#include "codecs/feature/logistic.h"

namespace feat::native {

// Contexts: the first ones are known before a block's first level is, the others follow its levels.
enum ImageTable : uint8_t {
  kMeanTable,     // mean magnitude of this band
  kChannelTable,  // channel and mean magnitude
  kEarlierTable,  // the same frequency in three channels before
  kLocalTable,    // magnitude expected from all that is around
  kRatioTable,    // the same, and how magnitudes compare with means so far
  kCrossTable,    // the channel before and this block's neighbours
  kImageTables,
};
inline constexpr size_t kFixedTables = 3;

// Contexts of each, in rows of so many.
inline constexpr std::array<int, kImageTables> kTableSizes = {104, 512, 256, 72, 288, 256};
inline constexpr std::array<int, kImageTables> kTableColumns = {1, 16, 16, 1, 16, 16};
constexpr std::array<int, kImageTables + 1> make_table_starts() {
  std::array<int, kImageTables + 1> starts{};
  for (size_t t = 0; t < kImageTables; ++t) starts[t + 1] = starts[t] + kTableSizes[t];
  return starts;
}
inline constexpr auto kTableStarts = make_table_starts();

using ImageContext = std::array<uint16_t, kImageTables>;

// The bits of magnitudes up to 3 take weights of all tables: whether it is larger than 0, 1 and 2;
// whether it is 3. Those of larger ones take weights of two: whether it is wider than 3 bits, 4
// bits and so on; then the second bit, and the third one by the second.
inline constexpr int kLowBins = 4;
inline constexpr int kThreeBin = 3;
inline constexpr int kHighBins = 15;
inline constexpr int kHighUpperBin = 12;
inline constexpr int kHighQuarterBin = 13;  // and 14
inline constexpr std::array<ImageTable, 2> kHighTables = {kMeanTable, kLocalTable};

// How much a weight was taught, in 1/256, and how fast it learns then: 1 / (8 + taught).
inline constexpr uint32_t kMaxTaught = 192;
extern const std::array<int32_t, kMaxTaught + 1> kImageRates;

inline void teach(int32_t &weight, uint16_t &taught, int32_t error, uint32_t information) {
  const auto step = static_cast<uint32_t>((error * kImageRates[taught >> 8]) >> 14);
  // Unsigned, since damaged data may drive weights anywhere.
  weight = static_cast<int32_t>(static_cast<uint32_t>(weight) + step);
  taught = static_cast<uint16_t>(std::min(taught + information, kMaxTaught << 8));
}

class ImageModel {
 public:
  ImageModel();

  // Sums of weights of the low bins, of both sets: [set * kLowBins + bin].
  using Sums = std::array<int32_t, kSets * kLowBins>;
  void add(size_t index, Sums &sums) const {
    const auto &weights = low_[index].weights;
    for (size_t i = 0; i < sums.size(); ++i)
      sums[i] =
          static_cast<int32_t>(static_cast<uint32_t>(sums[i]) + static_cast<uint32_t>(weights[i]));
  }

  int32_t low_sum(const ImageContext &context, int set, int bin) const {
    const auto lane = static_cast<size_t>(set * kLowBins + bin);
    uint32_t sum = 0;
    for (const uint16_t index : context) sum += static_cast<uint32_t>(low_[index].weights[lane]);
    return static_cast<int32_t>(sum);
  }
  int32_t high_sum(const ImageContext &context, int set, int bin) const {
    const auto lane = static_cast<size_t>(set * kHighBins + bin);
    uint32_t sum = 0;
    for (size_t t = 0; t < kHighTables.size(); ++t)
      sum += static_cast<uint32_t>(high(t, context).weights[lane]);
    return static_cast<int32_t>(sum);
  }

  // Codes one bit with `bits`, or decodes it.
  template <class Bits>
  bool code_low(Bits &bits, const ImageContext &context, int set, int bin, bool value) {
    return code(bits, low_sum(context, set, bin), value, [&](int32_t error, uint32_t information) {
      const auto lane = static_cast<size_t>(set * kLowBins + bin);
      for (const uint16_t index : context) {
        Low &low = low_[index];
        teach(low.weights[lane], low.taught[lane], error, information);
      }
    });
  }
  template <class Bits>
  bool code_high(Bits &bits, const ImageContext &context, int set, int bin, bool value) {
    return code(bits, high_sum(context, set, bin), value, [&](int32_t error, uint32_t information) {
      const auto lane = static_cast<size_t>(set * kHighBins + bin);
      for (size_t t = 0; t < kHighTables.size(); ++t) {
        High &high_weights = high(t, context);
        teach(high_weights.weights[lane], high_weights.taught[lane], error, information);
      }
    });
  }

 private:
  struct Low {
    alignas(16) Sums weights{};
    std::array<uint16_t, kSets * kLowBins> taught{};
  };
  struct High {
    std::array<int32_t, kSets * kHighBins> weights{};
    std::array<uint16_t, kSets * kHighBins> taught{};
  };

  template <class Bits, class Learn>
  static bool code(Bits &bits, int32_t sum, bool value, Learn &&learn) {
    const uint32_t p = kProbabilities[static_cast<size_t>(odds_index(sum))];
    value = bits.code(p, value);
    // A bit that was as good as certain teaches nothing; this keeps sums of weights bounded.
    if (p != (value ? kProbabilityOne - 1 : 1))
      learn((value ? 65536 : 0) - static_cast<int32_t>(p), (p * (65536 - p)) >> 24);
    return value;
  }
  static size_t high_index(size_t t, const ImageContext &context) {
    const ImageTable table = kHighTables[t];
    return (t == 0 ? 0 : static_cast<size_t>(kTableSizes[kHighTables[0]])) + context[table] -
           static_cast<size_t>(kTableStarts[table]);
  }
  const High &high(size_t t, const ImageContext &context) const {
    return high_[high_index(t, context)];
  }
  High &high(size_t t, const ImageContext &context) { return high_[high_index(t, context)]; }

  std::vector<Low> low_;
  std::vector<High> high_;
};

// Codes `level` (or decodes it, when its value is not looked at) and returns it; the bits are those
// of code_level().
template <class Bits>
int32_t code_image_level(Bits &bits, ImageModel &model, const ImageContext &context, int set,
                         int32_t level) {
  const auto magnitude = static_cast<uint32_t>(level < 0 ? -level : level);
  const int true_width = std::bit_width(magnitude);
  int width = 0;
  while (width < kThreeBin && model.code_low(bits, context, set, width, true_width > width))
    ++width;
  if (width == 0) return 0;
  if (width == kThreeBin) {
    while (width < kMaxWidth &&
           model.code_high(bits, context, set, std::min(width - kThreeBin, kHighUpperBin - 1),
                           true_width > width))
      ++width;
  }
  uint32_t value = 1;
  if (width == 2) {
    value = 2U | (model.code_low(bits, context, set, kThreeBin, (magnitude & 1U) != 0) ? 1U : 0U);
  } else if (width > 2) {
    const bool upper =
        model.code_high(bits, context, set, kHighUpperBin, ((magnitude >> (width - 2)) & 1U) != 0);
    const bool quarter = model.code_high(bits, context, set, kHighQuarterBin + (upper ? 1 : 0),
                                         ((magnitude >> (width - 3)) & 1U) != 0);
    value = 4U | (upper ? 2U : 0U) | (quarter ? 1U : 0U);
    for (int left = width - 3; left > 0;) {
      const int count = std::min(left, 16);
      left -= count;
      value = value << count | bits.raw((magnitude >> left) & ((1U << count) - 1), count);
    }
  }
  const bool negative = bits.raw(level < 0 ? 1 : 0, 1) != 0;
  return negative ? -static_cast<int32_t>(value) : static_cast<int32_t>(value);
}

}  // namespace feat::native
