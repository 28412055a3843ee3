// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/level_model.h"

#include "codecs/feature/level_tables.h"

namespace feat::native {

namespace {

// Learned weights move as if they had been used so often.
constexpr int kLearnedCount = 10;

// Where the classes of near_context() begin, in sixteenths.
constexpr std::array<uint32_t, kNearContexts - 1> kThresholds = {
    3, 8, 16, 28, 42, 58, 80, 112, 160, 224, 320, 512, 1024, 2048, 8192};

constexpr std::array<uint8_t, 512> make_classes() {
  std::array<uint8_t, 512> classes{};
  for (uint32_t v = 0; v < classes.size(); ++v) {
    for (const uint32_t threshold : kThresholds) classes[v] += v >= threshold ? 1 : 0;
  }
  return classes;
}

// Before anything is known: the larger the mean, the likelier the next bit.
constexpr Weight initial_weight(int mean_class, int bin) {
  // The class is four times a logarithm to base 2 of the mean; class 44 is a mean of 1.
  const double octaves = (mean_class - 44) / 4.0;
  const double odds = bin == 0            ? 0.95 * octaves + 0.9
                      : bin == kHalfBin   ? -0.3
                      : bin < kHalfBin    ? 0.9 * (octaves - bin) + 0.9
                      : bin <= kWidthBins ? 0.9 * (octaves - bin + 1) + 0.9
                                          : -0.3;
  return {static_cast<int32_t>(odds * (1 << kWeightBits)), 0};
}

}  // namespace

constinit const std::array<uint8_t, 512> kNearClasses = make_classes();

LevelModel::LevelModel(Quantizer quantizer) {
  const bool dependent = quantizer == Quantizer::kDependent;
  for (int i = 0; i < kMeanContexts; ++i) {
    for (int set = 0; set < kSets; ++set) {
      Weight *weights = means_[static_cast<size_t>(i)].of(set);
      for (int bin = 0; bin < kBins; ++bin) weights[slot_of(bin)] = initial_weight(i, bin);
    }
  }
  for (size_t c = 0; c < kContexts; ++c) {
    for (int set = 0; set < (dependent ? kSets : 1); ++set) {
      const auto first = static_cast<size_t>(dependent ? set : kWeightSets - 1) * kLearnedBins;
      for (size_t bin = 0; bin < kLearnedBins; ++bin) {
        const int learned = kLearnedWeights[c][first + bin];
        if (learned == kNotLearned) continue;
        context(c).of(set)[slot_of(static_cast<int>(bin))] =
            Weight(learned * (1 << kWeightBits) / kLearnedUnit, kLearnedCount);
      }
    }
  }
}

const LevelModel &starting_model(Quantizer quantizer) {
  static const LevelModel scalar(Quantizer::kScalar);
  static const LevelModel dependent(Quantizer::kDependent);
  return quantizer == Quantizer::kScalar ? scalar : dependent;
}

}  // namespace feat::native
