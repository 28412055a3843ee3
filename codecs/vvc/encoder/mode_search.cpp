// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/mode_search.h"

#include <algorithm>
#include <bitset>
#include <cstdlib>

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

// Rates of a block's modes. All but those of the most probable ones differ by a bit at most, and
// those on far lines by the bits of the index.
class ModeRates {
 public:
  ModeRates(const ContextSet &contexts, const IntraSyntax &syntax, const MpmList &mpm)
      : contexts_(contexts), syntax_(syntax), mpm_(mpm) {
    const auto probable = [&mpm](int mode) {
      return std::find(mpm.begin(), mpm.end(), mode) != mpm.end();
    };
    int last = kModes - 1;
    while (probable(last)) --last;
    near_.fill(prediction_rate(contexts, {static_cast<uint8_t>(last)}, syntax, mpm));
    int shorter = 3;  // of the truncated binary code
    for (int mode = 0; shorter > 0; ++mode) {
      if (probable(mode)) continue;
      near_[static_cast<size_t>(mode)] -= kOneBit;
      --shorter;
    }
    for (const uint8_t mode : mpm) near_[mode] = prediction_rate(contexts, {mode}, syntax, mpm);
  }

  int64_t near(int mode) const { return near_[static_cast<size_t>(mode)]; }
  // Of the most probable mode `index`, not planar.
  int64_t far(size_t index, uint8_t ref_idx) const {
    const auto more = static_cast<int64_t>(std::min(index, mpm_.size() - 2)) - 1;
    return prediction_rate(contexts_, {mpm_[1], ref_idx}, syntax_, mpm_) + more * kOneBit;
  }

 private:
  const ContextSet &contexts_;
  const IntraSyntax &syntax_;
  const MpmList &mpm_;
  std::array<int64_t, kModes> near_;
};

int64_t absolute_differences(const uint16_t *source, ptrdiff_t stride, const uint16_t *prediction,
                             int log2_w, int log2_h) {
  int64_t sum = 0;
  for (int y = 0; y < 1 << log2_h; ++y, source += stride, prediction += ptrdiff_t{1} << log2_w) {
    int row = 0;
    for (int x = 0; x < 1 << log2_w; ++x) row += std::abs(source[x] - prediction[x]);
    sum += row;
  }
  return sum;
}

}  // namespace

int64_t prediction_rate(const ContextSet &contexts, const IntraChoice &choice,
                        const IntraSyntax &syntax, const MpmList &mpm) {
  StaticRate sink{contexts};
  write_intra_prediction(sink, choice, syntax, mpm);
  return sink.rate;
}

ModeCandidates preselect_modes(const CodedFrame &frame, int x, int y, int log2_w, int log2_h,
                               const ContextSet &contexts, const IntraSyntax &syntax,
                               const MpmList &mpm, int64_t root_lambda,
                               const ModeSearchSettings &settings) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const uint16_t *source = frame.source_at(x, y);
  IntraReference ref;
  std::array<uint16_t, 64 * 64> prediction;
  std::bitset<kModes> tried;
  std::array<ModeCandidate, ModeCandidates::kMax> scored;  // the best ones, in order
  size_t count = 0;
  const ModeRates rates(contexts, syntax, mpm);
  const auto score = [&](int mode, int ref_idx, int64_t rate) {
    predict_intra(ref, mode, log2_w, log2_h, frame.bit_depth, prediction.data(), width, ref_idx);
    ModeCandidate found{static_cast<uint8_t>(mode), static_cast<uint8_t>(ref_idx)};
    const int64_t difference =
        settings.absolute
            ? absolute_differences(source, frame.stride(), prediction.data(), log2_w, log2_h)
            : satd(source, frame.stride(), prediction.data(), width, log2_w, log2_h);
    found.cost = difference * 256 + ((root_lambda * rate) >> kRateBits);
    if (count == scored.size()) {
      if (found.cost >= scored.back().cost) return;
      --count;
    }
    size_t at = count++;
    for (; at > 0 && scored[at - 1].cost > found.cost; --at) scored[at] = scored[at - 1];
    scored[at] = found;
  };
  const auto consider = [&](int mode) {
    if (mode < 0 || mode >= kModes || tried[static_cast<size_t>(mode)]) return;
    tried.set(static_cast<size_t>(mode));
    score(mode, 0, rates.near(mode));
  };

  frame.collect(x, y, width, height, 0, ref);
  consider(kPlanar);
  consider(kDc);
  for (int mode = 2; mode < kModes; mode += settings.coarse_step) consider(mode);
  for (int reach = settings.coarse_step / 2; reach > 0; reach /= 2) {
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
  if (settings.far_lines && syntax.ref_idx) {
    for (int ref_idx = 1; ref_idx <= 2; ++ref_idx) {
      frame.collect(x, y, width, height, ref_idx, ref);
      for (size_t i = 1; i < mpm.size(); ++i) {
        score(mpm[i], ref_idx, rates.far(i, static_cast<uint8_t>(ref_idx)));
      }
    }
  }

  ModeCandidates result;
  const int64_t most = scored[0].cost + (scored[0].cost >> settings.margin_shift);
  while (result.count < std::min({settings.wanted, count, ModeCandidates::kMax}) &&
         scored[result.count].cost <= most) {
    ++result.count;
  }
  std::copy_n(scored.begin(), result.count, result.best.begin());
  return result;
}

}  // namespace feat::vvc
