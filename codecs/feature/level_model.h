// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Probabilities of quantised coefficients ("levels"): how a level becomes bits, in which contexts,
// and what each of its values costs (docs/feature-codec.md, "Levels").
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "codecs/feature/logistic.h"
#include "codecs/feature/range_coder.h"
#include "codecs/feature/step_size.h"

namespace feat::native {

// Dependent quantisation has two sets of points, and their statistics differ; the scalar
// quantiser's levels are a third kind. A model is for one quantiser: the scalar one has set 0
// alone.
inline constexpr int kSets = 2;
inline constexpr int kWeightSets = 3;

// Bits of a level of magnitude a with e = bit_width(a): e > 0, e > 1, ... until one is false; then
// the bits of a below the highest one, of which two have probabilities. The first four bins are all
// that magnitudes up to 3 need.
inline constexpr int kWidthBins = 15;  // further widths share the last
inline constexpr int kHalfBin = 3;     // a is 3, not 2
inline constexpr int width_bin(int width) {
  return width < kHalfBin ? width : (width < kWidthBins ? width + 1 : kWidthBins);
}
inline constexpr int kUpperBin = 16;    // second highest bit, a above 3
inline constexpr int kQuarterBin = 17;  // third highest bit, by the second: 17 and 18
inline constexpr int kBins = 19;
inline constexpr int kMaxWidth = 28;
inline constexpr int32_t kMaxLevel = (1 << kMaxWidth) - 1;

// Mean magnitudes are fixed-point numbers of 16 fractional bits.
inline constexpr int kMeanBits = 16;
inline constexpr uint32_t kMinMean = 33;  // 0.0005
inline constexpr uint32_t kMaxMean = 0x7FFFFFFF;

// Four steps for each octave.
inline int quarter_octave(uint32_t value) {
  const int octave = std::bit_width(value | 1U) - 1;  // of 0 as of 1
  return 4 * octave + static_cast<int>((value << (31 - octave) >> 29) & 3);
}

inline constexpr int kMeanContexts = 4 * 31 - 20;  // quarter octaves of kMinMean to kMaxMean
inline constexpr int kScaleContexts = 32;
inline constexpr int kNearContexts = 16;

inline int mean_context(uint32_t mean) {
  const int index = quarter_octave(mean) - 20;
  return index < 0 ? 0 : index;
}

// Class of a weighted sum of two or three magnitudes in sixteenths.
extern const std::array<uint8_t, 512> kNearClasses;
inline int near_context(uint32_t sixteenths) {
  if (sixteenths < kNearClasses.size()) return kNearClasses[sixteenths];
  return sixteenths < 1024 ? 12 : (sixteenths < 2048 ? 13 : (sixteenths < 8192 ? 14 : 15));
}

// Which weights the bits of one level take.
struct LevelContext {
  uint8_t mean = 0;   // the mean magnitude of this component so far
  uint8_t scale = 0;  // how this row's magnitudes compare with the means
  uint8_t near = 0;   // kNearContexts * the row's own neighbours + other rows'
  bool operator==(const LevelContext &) const = default;
};

class LevelModel {
 public:
  explicit LevelModel(Quantizer quantizer);

  // The weights of one context: four bins of set 0, the same ones of set 1, then the next four
  // bins. A search looks at all of a group at once.
  static constexpr int kGroup = 4;
  static constexpr size_t kSlots = size_t{kSets} * ((kBins + kGroup - 1) / kGroup * kGroup);
  struct alignas(kSets *kGroup * sizeof(Weight)) Weights {
    std::array<Weight, kSlots> slots;
    // What sum() and learn() take, for one set.
    Weight *of(int set) { return slots.data() + kGroup * set; }
    const Weight *of(int set) const { return slots.data() + kGroup * set; }
  };
  static constexpr int slot_of(int bin) { return bin + (bin & -kGroup); }

  // Where a context's weights are.
  using Context = std::array<const Weights *, 3>;
  Context weights(const LevelContext &context) const {
    return {&means_[context.mean], &scales_[context.scale], &nears_[context.near]};
  }

  // The weights of one set. Models that do not change give rows to look at.
  template <class W>
  struct RowOf {
    W *mean;
    W *scale;
    W *near;
    int32_t sum(int bin) const {
      const int slot = slot_of(bin);
      return mean[slot].value() + scale[slot].value() + near[slot].value();
    }
    void learn(int bin, int32_t error) const {
      const int slot = slot_of(bin);
      mean[slot].learn(error);
      scale[slot].learn(error);
      near[slot].learn(error);
    }
  };
  using Row = RowOf<Weight>;
  using ConstRow = RowOf<const Weight>;
  Row row(const LevelContext &context, int set) {
    return {means_[context.mean].of(set), scales_[context.scale].of(set),
            nears_[context.near].of(set)};
  }
  ConstRow row(const LevelContext &context, int set) const {
    return {means_[context.mean].of(set), scales_[context.scale].of(set),
            nears_[context.near].of(set)};
  }

  // Codes one bit with `coder`, which has code(probability, value), or decodes it.
  template <class Coder>
  static bool code(Coder &coder, const Row &row, int bin, bool value) {
    const uint32_t p = kProbabilities[static_cast<size_t>(odds_index(row.sum(bin)))];
    value = coder.code(p, value);
    teach(row, bin, p, value);
    return value;
  }
  // The same of a bit that may as well be the other one: no branch depends on it.
  template <class Coder>
  static bool code_even(Coder &coder, const Row &row, int bin, bool value) {
    const uint32_t p = kProbabilities[static_cast<size_t>(odds_index(row.sum(bin)))];
    value = coder.code_even(p, value);
    teach(row, bin, p, value);
    return value;
  }

  // All contexts: of means, then of scales, then of neighbours.
  static constexpr size_t kContexts =
      kMeanContexts + kScaleContexts + kNearContexts * kNearContexts;
  Weights &context(size_t index) {
    if (index < means_.size()) return means_[index];
    index -= means_.size();
    return index < scales_.size() ? scales_[index] : nears_[index - scales_.size()];
  }

 private:
  // A bit that was as good as certain teaches nothing; this keeps sums of weights bounded.
  static void teach(const Row &row, int bin, uint32_t p, bool value) {
    const int32_t error =
        static_cast<int32_t>(value ? kProbabilityOne : 0) - static_cast<int32_t>(p);
    if (error != 1 && error != -1) row.learn(bin, error);
  }

  std::array<Weights, kMeanContexts> means_;
  std::array<Weights, kScaleContexts> scales_;
  std::array<Weights, kNearContexts * kNearContexts> nears_;
};

// The weights that levels of a quantiser start from.
const LevelModel &starting_model(Quantizer quantizer);

}  // namespace feat::native
