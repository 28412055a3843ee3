// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/mode_search.h"

#include <algorithm>
#include <bitset>
#include <limits>

#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/satd.h"

namespace feat::vvc {
namespace {

constexpr int kModes = 67;

struct StaticRate {
  const ContextSet &contexts;
  int64_t rate = 0;

  void bin(int ctx, int value) { rate += bin_rate(contexts[ctx], value); }
  void bypass(uint32_t, int count) { rate += int64_t{count} << kRateBits; }
};

struct Scored {
  int64_t cost;
  int mode;
};

}  // namespace

int64_t intra_mode_rate(const ContextSet &contexts, int mode, const MpmList &mpm) {
  StaticRate sink{contexts};
  write_intra_mode(sink, mode, mpm);
  return sink.rate;
}

ModeCandidates preselect_modes(const uint16_t *source, const IntraReference &ref, int log2_w,
                               int log2_h, int bit_depth, const ContextSet &contexts,
                               const MpmList &mpm, int64_t root_lambda, size_t wanted) {
  const int width = 1 << log2_w;
  const int area = 1 << (log2_w + log2_h);
  std::array<uint16_t, 64 * 64> prediction;
  std::array<int16_t, 64 * 64> residual;
  std::bitset<kModes> tried;
  std::array<Scored, kModes> scored;
  size_t count = 0;
  const auto consider = [&](int mode) {
    if (mode < 0 || mode >= kModes || tried[static_cast<size_t>(mode)]) return;
    tried.set(static_cast<size_t>(mode));
    predict_intra(ref, mode, log2_w, log2_h, bit_depth, prediction.data(), width);
    for (int i = 0; i < area; ++i) {
      residual[static_cast<size_t>(i)] =
          static_cast<int16_t>(source[i] - prediction[static_cast<size_t>(i)]);
    }
    const int64_t rate = intra_mode_rate(contexts, mode, mpm);
    const int64_t cost =
        satd(residual.data(), log2_w, log2_h) * 256 + ((root_lambda * rate) >> kRateBits);
    size_t at = count++;
    for (; at > 0 && scored[at - 1].cost > cost; --at) scored[at] = scored[at - 1];
    scored[at] = {cost, mode};
  };

  consider(kPlanar);
  consider(kDc);
  for (int mode = 2; mode < kModes; mode += 8) consider(mode);
  for (const int reach : {4, 2, 1}) {
    std::array<int, 2> best{};
    const size_t n = std::min<size_t>(best.size(), count);
    for (size_t i = 0; i < n; ++i) best[i] = scored[i].mode;
    for (size_t i = 0; i < n; ++i) {
      if (best[i] < 2) continue;
      if (best[i] - reach >= 2) consider(best[i] - reach);
      consider(best[i] + reach);
    }
  }
  for (const uint8_t mode : mpm) consider(mode);

  ModeCandidates result;
  result.count = std::min(std::min(wanted, count), ModeCandidates::kMax);
  for (size_t i = 0; i < result.count; ++i) {
    result.modes[i] = static_cast<uint8_t>(scored[i].mode);
    result.costs[i] = scored[i].cost;
  }
  return result;
}

}  // namespace feat::vvc
