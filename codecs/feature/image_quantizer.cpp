// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_quantizer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "codecs/feature/level_cost.h"

namespace feat::native {

namespace {

const std::array<float, kSets> kOnes = {image_point(Quantizer::kDependent, 0, 1),
                                        image_point(Quantizer::kDependent, 1, 1)};

// The search's first guess of a level rounds up from here.
constexpr float kGuessBias = 0.5F;
// Early rounds take bits for cheaper by this factor: levels that become zero too soon make their
// neighbours' expectations small, and these follow.
constexpr float kEarlyLambda = 0.8F;

// Bits of a magnitude above 0; low[bin]: the sums of the low bins of the set.
float magnitude_bits(const int32_t *low, const ImageModel &model, const ImageContext &context,
                     int set, int32_t magnitude) {
  float bits = 1.0F + one_cost(low[0]);
  if (magnitude == 1) return bits + zero_cost(low[1]);
  bits += one_cost(low[1]);
  if (magnitude <= 3)
    return bits + zero_cost(low[2]) +
           (magnitude == 3 ? one_cost(low[kThreeBin]) : zero_cost(low[kThreeBin]));
  bits += one_cost(low[2]);
  const auto high = [&](int bin, bool value) {
    const int32_t sum = model.high_sum(context, set, bin);
    bits += value ? one_cost(sum) : zero_cost(sum);
  };
  const int width = std::bit_width(static_cast<uint32_t>(magnitude));
  for (int i = kThreeBin; i <= width; ++i)
    high(std::min(i - kThreeBin, kHighUpperBin - 1), i < width);
  const int upper = (magnitude >> (width - 2)) & 1;
  high(kHighUpperBin, upper != 0);
  high(kHighQuarterBin + upper, ((magnitude >> (width - 3)) & 1) != 0);
  return bits + static_cast<float>(width - 3);
}

}  // namespace

float image_level_cost(const ImageModel &model, const ImageContext &context, int set,
                       int32_t magnitude) {
  if (magnitude == 0) return zero_cost(model.low_sum(context, set, 0));
  std::array<int32_t, kLowBins> low;
  for (int bin = 0; bin < kLowBins; ++bin)
    low[static_cast<size_t>(bin)] = model.low_sum(context, set, bin);
  return magnitude_bits(low.data(), model, context, set, magnitude);
}

void ImageQuantizer::weigh(float value, const ImageContext &context, const ImageModel &model,
                           const ImageModel::Sums &fixed, float lambda,
                           Candidate &candidate) const {
  const float r = std::fabs(value);
  ImageModel::Sums sums = fixed;
  for (size_t t = kFixedTables; t < kImageTables; ++t) model.add(context[t], sums);
  for (int set = 0; set < kSets; ++set) {
    const auto s = static_cast<size_t>(set);
    auto &costs = candidate.costs[s];
    auto &levels = candidate.levels[s];
    const int32_t *low_sums = sums.data() + s * kLowBins;
    const auto low = static_cast<int32_t>((r + static_cast<float>(set)) * 0.5F);
    costs = {ScalarTrellis::kNever, ScalarTrellis::kNever};
    if (low <= 2) {
      const float error = r - kOnes[s];
      costs = {r * r + lambda * zero_cost(low_sums[0]),
               error * error + lambda * (1 + one_cost(low_sums[0]) + zero_cost(low_sums[1]))};
      levels = {0, 1};
      if (low == 0) continue;
    }
    for (int32_t a = std::max(low, 2); a <= low + 1; ++a) {
      const float error = r - image_point(Quantizer::kDependent, set, a);
      const float cost = error * error + lambda * magnitude_bits(low_sums, model, context, set, a);
      const auto parity = static_cast<size_t>(a & 1);
      if (cost < costs[parity]) {
        costs[parity] = cost;
        levels[parity] = a;
      }
    }
  }
}

void ImageQuantizer::search(std::span<const float> values, ImageContexts &contexts,
                            const ImageModel &model, float lambda, int rounds, int first_state,
                            std::span<int32_t> levels) {
  const size_t size = values.size();
  candidates_.resize(size);
  decisions_.resize(size);
  fixed_.resize(size);
  for (size_t k = 0; k < size; ++k) {
    levels[k] = static_cast<int32_t>(std::fabs(values[k]) * 0.5F + kGuessBias);
    fixed_[k] = {};
    for (const uint16_t index : contexts.fixed()[k].tables) model.add(index, fixed_[k]);
  }
  for (int round = 0; round < rounds; ++round) {
    const float round_lambda = round + 1 < rounds ? kEarlyLambda * lambda : lambda;
    BlockWalk walk(contexts);
    search_path(first_state, decisions_, candidates_, levels, [&](size_t k) {
      weigh(values[k], walk.context(k), model, fixed_[k], round_lambda, candidates_[k]);
      walk.add(k, levels[k]);
    });
  }
  for (size_t k = 0; k < size; ++k) {
    if (values[k] < 0) levels[k] = -levels[k];
  }
}

}  // namespace feat::native
