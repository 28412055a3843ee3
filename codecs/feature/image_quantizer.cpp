// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_quantizer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "codecs/feature/level_cost.h"
#include "codecs/feature/viterbi_step.h"

namespace feat::native {

namespace {

constexpr float kNever = 1e30F;

// The two ways into each state, in the order of viterbi_step().
struct Way {
  uint8_t state;
  uint8_t parity;
};
constexpr std::array<std::array<Way, 2>, kStates> kWays = {{{{{0, 0}, {4, 1}}},
                                                            {{{2, 0}, {6, 1}}},
                                                            {{{0, 1}, {4, 0}}},
                                                            {{{2, 1}, {6, 0}}},
                                                            {{{3, 1}, {5, 0}}},
                                                            {{{1, 0}, {7, 1}}},
                                                            {{{3, 0}, {5, 1}}},
                                                            {{{1, 1}, {7, 0}}}}};
constexpr bool ways_are_right() {
  for (size_t s = 0; s < kStates; ++s) {
    for (const Way way : kWays[s]) {
      if (kNextState[way.state][way.parity] != s) return false;
    }
  }
  return true;
}
static_assert(ways_are_right());

const std::array<float, kSets> kOnes = {image_point(Quantizer::kDependent, 0, 1),
                                        image_point(Quantizer::kDependent, 1, 1)};

// The search's first guess of a level rounds up from here.
constexpr float kGuessBias = 0.5F;
// Early rounds take bits for cheaper by this factor: levels that become zero too soon make their
// neighbours' expectations small, and these follow.
constexpr float kEarlyLambda = 0.8F;

// Keeps sums of costs small, hence exact enough.
void rebase(PathCosts &paths) {
  const float least = std::min(*std::min_element(paths.even.begin(), paths.even.end()),
                               *std::min_element(paths.odd.begin(), paths.odd.end()));
  for (float &cost : paths.even) cost -= least;
  for (float &cost : paths.odd) cost -= least;
}

size_t best_state(const PathCosts &paths) {
  size_t best = 0;
  const auto cost = [&](size_t s) { return (s & 1) != 0 ? paths.odd[s / 2] : paths.even[s / 2]; };
  for (size_t s = 1; s < kStates; ++s) {
    if (cost(s) < cost(best)) best = s;
  }
  return best;
}

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
    costs = {kNever, kNever};
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
    PathCosts paths;
    paths.even.fill(kNever);
    paths.odd.fill(kNever);
    (set_of(first_state) != 0 ? paths.odd : paths.even)[static_cast<size_t>(first_state / 2)] = 0;
    for (size_t k = 0; k < size; ++k) {
      weigh(values[k], walk.context(k), model, fixed_[k], round_lambda, candidates_[k]);
      walk.add(k, levels[k]);
      decisions_[k] = viterbi_step(paths, candidates_[k].costs);
      if ((k & 255) == 255) rebase(paths);
    }
    size_t state = best_state(paths);
    for (size_t k = size; k-- > 0;) {
      const Way way = kWays[state][(decisions_[k] >> state) & 1];
      levels[k] = candidates_[k].levels[way.state & 1][way.parity];
      state = way.state;
    }
  }
  for (size_t k = 0; k < size; ++k) {
    if (values[k] < 0) levels[k] = -levels[k];
  }
}

}  // namespace feat::native
