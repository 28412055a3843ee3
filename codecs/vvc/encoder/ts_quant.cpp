// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/ts_quant.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "codecs/vvc/encoder/rate_counter.h"
#include "codecs/vvc/encoder/residual_writer.h"
#include "codecs/vvc/encoder/trellis_rates.h"

namespace feat::vvc {
namespace {

constexpr int32_t kMaxLevel = 32767;

using FlagRates = std::array<std::array<int32_t, 2>, 4>;

struct TsRates {
  FlagRates significant{}, sign{}, gt1{}, gtx{};
  std::array<int32_t, 2> parity{};

  explicit TsRates(const ContextSet &contexts) {
    const auto pair = [&contexts](int ctx) {
      return std::array<int32_t, 2>{bin_rate(contexts[ctx], 0), bin_rate(contexts[ctx], 1)};
    };
    for (size_t i = 0; i < 4; ++i) {
      const int at = static_cast<int>(i);
      if (i < 3) {
        significant[i] = pair(kCtxSigTs + at);
        sign[i] = pair(kCtxSignTs + at);
      }
      gt1[i] = pair(kCtxGtTs + at);
      gtx[i] = pair(kCtxGtTs + 4 + at);
    }
    parity = pair(kCtxParTs);
  }

  // Magnitude and sign of a level other than 0, coded with contexts.
  int64_t level(int level, const TsNeighbours &n) const {
    const int a = n.map_level(std::abs(level));
    int64_t rate = sign[static_cast<size_t>(n.sign_ctx())][level < 0 ? 1 : 0] +
                   gt1[static_cast<size_t>(n.significant())][a > 1 ? 1 : 0];
    if (a > 1) rate += parity[static_cast<size_t>(a & 1)];
    for (int g = 1; g <= 4 && a >= 2 * g; ++g) {
      rate += gtx[static_cast<size_t>(g - 1)][a >= 2 * g + 2 ? 1 : 0];
    }
    if (a >= 10) rate += remainder_rate(static_cast<uint32_t>(a - 10) >> 1, 1);
    return rate;
  }
};

}  // namespace

bool quantize_transform_skip(const int16_t *residual, int log2_w, int log2_h, const QuantStep &step,
                             const ContextSet &contexts, int32_t *levels, int64_t &cost) {
  // Samples well below a step would cost more than they gain.
  const auto threshold = static_cast<int>(3 * step.reconstruct(1) / 4);
  const size_t area = size_t{1} << (log2_w + log2_h);
  const auto large = [threshold](int16_t r) { return std::abs(r) > threshold; };
  if (std::none_of(residual, residual + area, large)) return false;

  const BlockScan &scan = BlockScan::get(log2_w, log2_h);
  const TsRates rates(contexts);
  const int sb_size = 1 << scan.sb_shift;
  std::fill_n(levels, area, 0);
  cost = 0;
  bool any = false;
  std::array<bool, 64> coded{};
  for (int sb = 0; sb < scan.count >> scan.sb_shift; ++sb) {
    const BlockScan::Subblock &place = scan.subblocks[static_cast<size_t>(sb)];
    const int flag_ctx =
        kCtxSbCodedTs +
        (place.x > 0 && coded[static_cast<size_t>(place.y * 8 + place.x - 1)] ? 1 : 0) +
        (place.y > 0 && coded[static_cast<size_t>(place.y * 8 + place.x - 8)] ? 1 : 0);
    int64_t sb_cost = bin_rate(contexts[flag_ctx], 1);
    bool significant = false;
    for (int i = sb * sb_size; i < (sb + 1) * sb_size; ++i) {
      const BlockScan::Position &p = scan.positions[static_cast<size_t>(i)];
      const TsNeighbours n = ts_neighbours(levels, log2_w, p.x, p.y);
      const int value = residual[p.raster];
      const int64_t magnitude = std::abs(value);
      const int64_t none = step.cost(magnitude);
      const auto &sig = rates.significant[static_cast<size_t>(n.significant())];
      int64_t best = sig[0];
      int32_t choice = 0;
      const auto lower = static_cast<int32_t>(
          std::min<int64_t>((magnitude * step.inverse) >> QuantStep::kInverseBits, kMaxLevel - 1));
      for (int32_t a = std::max(lower, 1); a <= lower + 1; ++a) {
        const int32_t level = value < 0 ? -a : a;
        const int64_t candidate =
            sig[1] + rates.level(level, n) + step.cost(magnitude - step.reconstruct(a)) - none;
        if (candidate < best) {
          best = candidate;
          choice = level;
        }
      }
      levels[p.raster] = choice;
      sb_cost += best;
      significant = significant || choice != 0;
    }
    const int64_t skipped = bin_rate(contexts[flag_ctx], 0);
    if (!significant || skipped <= sb_cost) {
      for (int i = sb * sb_size; significant && i < (sb + 1) * sb_size; ++i) {
        levels[scan.positions[static_cast<size_t>(i)].raster] = 0;
      }
      cost += skipped;
      continue;
    }
    cost += sb_cost;
    coded[static_cast<size_t>(place.y * 8 + place.x)] = true;
    any = true;
  }
  return any;
}

}  // namespace feat::vvc
