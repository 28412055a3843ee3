// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/rate_control.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "codecs/vvc/encoder/picture_mosaic.h"
#include "codecs/vvc/encoder/smoothness.h"

namespace feat::vvc {
namespace {

constexpr int kLogBits = 16;
constexpr int64_t kTolerance = 1872;        // 2 %
constexpr int64_t kWidestTolerance = 2500;  // 2.7 %
constexpr int kFirstProbe = 31;
constexpr size_t kMaxProbes = 6;
constexpr int kProbeSpacing = 3;  // QPs that may lie between two around the target
constexpr int64_t kUsualRise = 5 << (kLogBits - 4);  // per QP
constexpr double kMaxSquaredError = 1e15;

}  // namespace

QpPlan plan_at(int64_t position, size_t ctus) {
  QpPlan plan;
  plan.qp = kMinQp + static_cast<int>(position / kPositionsPerQp);
  plan.coarser =
      position % kPositionsPerQp * static_cast<int64_t>(ctus) * kQpParts / kPositionsPerQp;
  return plan;
}

int64_t log2_of(uint64_t value) {
  const uint64_t v = value + 1;
  const int whole = std::bit_width(v) - 1;
  // The mantissa squared again and again tells one bit of the logarithm after the other.
  uint64_t mantissa = whole > 31 ? v >> (whole - 31) : v << (31 - whole);
  int64_t log = whole;
  for (int i = 0; i < kLogBits; ++i) {
    mantissa = (mantissa * mantissa) >> 31;
    log <<= 1;
    if ((mantissa >> 32) == 0) continue;
    mantissa >>= 1;
    log |= 1;
  }
  return log;
}

void QuantityModel::add(int qp, int64_t quantity) {
  const int64_t position = (qp - kMinQp) * kPositionsPerQp;
  const auto after = std::find_if(points_.begin(), points_.end(),
                                  [position](const Point &p) { return p.position > position; });
  if (after != points_.begin()) quantity = std::max(quantity, (after - 1)->quantity);
  if (after != points_.end()) quantity = std::min(quantity, after->quantity);
  points_.insert(after, {position, quantity});
}

int64_t QuantityModel::at(int64_t position) const {
  if (points_.size() < 2) return points_.front().quantity;
  size_t i = 1;
  while (i + 1 < points_.size() && points_[i].position < position) ++i;
  const Point &a = points_[i - 1];
  const Point &b = points_[i];
  return a.quantity +
         (b.quantity - a.quantity) * (position - a.position) / (b.position - a.position);
}

int64_t QuantityModel::position_of(int64_t quantity) const {
  int64_t low = 0;
  int64_t high = kLastPosition;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (at(middle) < quantity) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

int next_probe(const QuantityModel &model, int64_t wanted) {
  const auto &points = model.points();
  if (points.size() >= kMaxProbes) return -1;
  const auto qp_of = [](const QuantityModel::Point &p) {
    return kMinQp + static_cast<int>(p.position / kPositionsPerQp);
  };
  const auto above = std::find_if(points.begin(), points.end(),
                                  [wanted](const auto &p) { return p.quantity >= wanted; });
  if (above == points.begin()) {
    const int64_t steps = 1 + (above->quantity - wanted) / kUsualRise;
    const auto qp = static_cast<int>(std::max<int64_t>(qp_of(*above) - steps, kMinQp));
    return qp < qp_of(*above) ? qp : -1;
  }
  const auto below = above - 1;
  if (above == points.end()) {
    const int64_t steps = 1 + (wanted - below->quantity) / kUsualRise;
    const auto qp = static_cast<int>(std::min<int64_t>(qp_of(*below) + steps, kMaxQp));
    return qp > qp_of(*below) ? qp : -1;
  }
  const int low = qp_of(*below);
  const int high = qp_of(*above);
  if (high - low <= kProbeSpacing) return -1;
  const int64_t share = (high - low) * (wanted - below->quantity) /
                        std::max<int64_t>(above->quantity - below->quantity, 1);
  return std::clamp(low + static_cast<int>(share), low + 1, high - 1);
}

TargetSearch::Result TargetSearch::run(const std::function<void()> &keep) const {
  QuantityModel model;
  for (int qp = kFirstProbe; qp >= 0; qp = next_probe(model, wanted)) model.add(qp, probe(qp));

  std::vector<Result> coded;
  Result best;
  std::optional<Result> below;
  std::optional<Result> above;
  int64_t position = model.position_of(wanted);
  for (int i = 0; i < kMaxCodings; ++i) {
    const Result result{position, code(position)};
    if (i == 0 || std::abs(result.quantity - wanted) < std::abs(best.quantity - wanted)) {
      best = result;
      keep();
    }
    if (std::abs(best.quantity - wanted) <= (i < kUsualCodings - 1 ? tolerance : last_tolerance))
      break;
    coded.push_back(result);
    (result.quantity < wanted ? below : above) = result;
    if (below && above) {
      const int64_t rise = std::max<int64_t>(above->quantity - below->quantity, 1);
      const int64_t width = above->position - below->position;
      int64_t share = width * (wanted - below->quantity) / rise;
      // On a cliff the line between the results tells little.
      if (i >= kUsualCodings) share = (share + width / 2) / 2;
      position = below->position + share;
    } else {
      // Where the model was far off, the steps grow until the target lies between two results.
      position = model.position_of(wanted - result.quantity + model.at(result.position));
      const int64_t least = kPositionsPerQp << (2 * i);
      position = result.quantity < wanted ? std::max(position, result.position + least)
                                          : std::min(position, result.position - least);
      position = std::clamp<int64_t>(position, 0, kLastPosition);
    }
    const auto same = [position](const Result &r) { return r.position == position; };
    if (std::any_of(coded.begin(), coded.end(), same)) break;
  }
  return best;
}

QpPlan code_for_target(PictureCoder &coder, const EncoderConfig &config,
                       const Plane<const uint16_t> &picture, const EncodeOptions &options,
                       const PictureCoder::Extras &extras, std::vector<uint8_t> &out) {
  const bool for_bytes = options.target_bytes != 0;
  // Both quantities are logarithms; that of the bytes is negative, to rise with the QP as well.
  const auto quantity_of = [for_bytes](uint64_t bytes, uint64_t error) {
    return for_bytes ? -log2_of(bytes) : log2_of(error);
  };
  const auto samples = static_cast<uint64_t>(picture.width) * static_cast<uint64_t>(picture.height);
  const double error =
      std::min(options.target_mse * static_cast<double>(samples), kMaxSquaredError);
  const bool smooth = is_smooth(picture);
  const Effort effort = effort_settings(options.effort, smooth);

  const Mosaic mosaic = make_mosaic(picture);
  PictureCoder probe_coder({mosaic.width, mosaic.height, config.bit_depth, config.threads});
  const uint64_t probe_samples = mosaic.samples.size();
  const Plane<const uint16_t> probe_picture{mosaic.samples.data(), mosaic.width, mosaic.height,
                                            mosaic.width};
  Effort probe_effort = effort_settings(0, smooth);
  probe_effort.loop_filter = false;  // its parts are not neighbours in the picture
  const uint64_t around = coder.bytes_around_slice(effort, extras);

  std::vector<uint8_t> unit;
  std::vector<uint8_t> best_unit;
  std::vector<uint16_t> best_samples;
  TargetSearch search;
  search.tolerance = kTolerance;
  search.last_tolerance = kWidestTolerance;
  search.wanted = quantity_of(options.target_bytes, static_cast<uint64_t>(std::llround(error)));
  search.probe = [&](int qp) {
    unit.clear();
    probe_coder.code(probe_picture, probe_effort, {qp, 0}, {}, unit);
    const auto scaled = [&](uint64_t value) {
      return value / probe_samples * samples + value % probe_samples * samples / probe_samples;
    };
    return quantity_of(scaled(probe_coder.slice_bytes()) + around,
                       scaled(static_cast<uint64_t>(probe_coder.squared_error())));
  };
  search.code = [&](int64_t position) {
    unit.clear();
    coder.code(picture, effort, plan_at(position, coder.ctus()), extras, unit);
    return quantity_of(unit.size(), static_cast<uint64_t>(coder.squared_error()));
  };
  const TargetSearch::Result best = search.run([&] {
    best_unit = unit;
    best_samples = coder.samples();
  });
  coder.samples() = std::move(best_samples);
  out.insert(out.end(), best_unit.begin(), best_unit.end());
  return plan_at(best.position, coder.ctus());
}

}  // namespace feat::vvc
