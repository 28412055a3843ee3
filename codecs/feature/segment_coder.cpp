// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/segment_coder.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/level_cost.h"

namespace feat::native {

namespace {

// Calls `each(k, row of weights, set)`, which returns the level, along a row.
template <Quantizer quantizer, class Each>
void along_row(const RowContexts &contexts, LevelModel &model, Each &&each) {
  RowState row(contexts);
  int state = 0;
  const size_t size = contexts.size();
  for (size_t k = 0; k < size; ++k) {
    const int set = quantizer == Quantizer::kDependent ? set_of(state) : 0;
    const int32_t level = each(k, model.row(row.context(k), set), set);
    row.add(k, level);
    if constexpr (quantizer == Quantizer::kDependent) state = next_state(state, level);
  }
}

}  // namespace

Segment::Segment(size_t components, std::span<const uint32_t> prior) : means_(components, prior) {
  for (auto &levels : earlier_) levels.resize(components);
}

const RowContexts &Segment::start_row() {
  contexts_.start(means_.next(), rows_ >= 1 ? earlier_[0].data() : nullptr,
                  rows_ >= 2 ? earlier_[1].data() : nullptr);
  return contexts_;
}

void Segment::end_row(std::span<const int32_t> levels) {
  means_.add(levels);
  std::swap(earlier_[0], earlier_[1]);
  std::copy(levels.begin(), levels.end(), earlier_[0].begin());
  ++rows_;
}

RowEncoder::RowEncoder(const CodingParameters &parameters, std::vector<uint8_t> &out)
    : RowEncoder(parameters, starting_model(parameters.quantizer), out) {}

RowEncoder::RowEncoder(const CodingParameters &parameters, const LevelModel &start,
                       std::vector<uint8_t> &out)
    : parameters_(parameters),
      distance_(static_cast<float>(distance_of(parameters.step_code))),
      model_(start),
      bits_(out) {}

namespace {

// What a one costs more than a zero, in bits.
float odds_against(int32_t sum) {
  return static_cast<float>(sum) * (-1.44269504F / (1 << kWeightBits));
}

// What `low` + 1 costs more than `low`.
float cost_of_one_more(const LevelModel::Row &row, int32_t low) {
  switch (low) {
    case 0:
      return 1.0F + odds_against(row.sum(0)) + zero_cost(row.sum(1));
    case 1:
      return odds_against(row.sum(1)) + zero_cost(row.sum(2)) + zero_cost(row.sum(kHalfBin));
    case 2:
      return odds_against(row.sum(kHalfBin));
    default:
      return magnitude_cost(row, low + 1) - magnitude_cost(row, low);
  }
}

// The magnitude that value r, in levels, becomes; a bit is worth `lambda` squared levels.
int32_t decide(const LevelModel::Row &row, float r, float lambda) {
  // Beyond this bits do not decide, nor do they where the lower level is much closer.
  constexpr int32_t kFlat = 16;
  constexpr float kLowPart = 0.4F;
  const auto low = static_cast<int32_t>(r);
  if (low > kFlat) return static_cast<int32_t>(std::lround(r));
  const float part = r - static_cast<float>(low);
  if (low == 0) return part > 0.5F && 2 * part - 1 > lambda * cost_of_one_more(row, 0) ? 1 : 0;
  if (part > kLowPart && 2 * part - 1 > lambda * cost_of_one_more(row, low)) return low + 1;
  return low == 1 && 2 * r - 1 <= lambda * cost_of_one_more(row, 0) ? 0 : low;
}

}  // namespace

// Each level is decided where it is coded, in its true contexts.
void RowEncoder::code_scalar(const RowContexts &contexts) {
  BitWriter bits = bits_;
  int32_t *levels = levels_.data();
  const float *values = scaled_.data();
  const float lambda = parameters_.lambda * 0.25F;
  along_row<Quantizer::kScalar>(contexts, model_, [&](size_t k, const LevelModel::Row &row, int) {
    const int32_t magnitude = decide(row, std::fabs(values[k]) * 0.5F, lambda);
    const int32_t sign = values[k] < 0 ? -1 : 0;
    levels[k] = (magnitude ^ sign) - sign;
    return code_level(bits, row, levels[k]);
  });
  bits_ = bits;
}

void RowEncoder::code(Segment &segment, std::span<const float> values,
                      std::span<float> reconstruction) {
  const size_t size = values.size();
  scaled_.resize(size);
  levels_.resize(size);
  const float inverse = 1.0F / distance_;
  for (size_t k = 0; k < size; ++k) scaled_[k] = bounded(values[k] * inverse);
  const RowContexts &contexts = segment.start_row();
  if (parameters_.quantizer == Quantizer::kScalar) {
    code_scalar(contexts);
    for (size_t k = 0; k < size; ++k)
      reconstruction[k] = static_cast<float>(point_of(0, levels_[k])) * distance_;
  } else {
    quantizer_.search(scaled_, contexts, model_, parameters_.lambda, parameters_.rounds, levels_);
    BitWriter bits = bits_;
    const int32_t *levels = levels_.data();
    along_row<Quantizer::kDependent>(
        contexts, model_, [&](size_t k, const LevelModel::Row &row, int set) {
          reconstruction[k] = static_cast<float>(point_of(set, levels[k])) * distance_;
          return code_level(bits, row, levels[k]);
        });
    bits_ = bits;
  }
  segment.end_row(levels_);
}

RowDecoder::RowDecoder(const CodingParameters &parameters, std::span<const uint8_t> data)
    : parameters_(parameters),
      distance_(static_cast<float>(distance_of(parameters.step_code))),
      model_(starting_model(parameters.quantizer)),
      bits_(data) {}

template <Quantizer quantizer>
void RowDecoder::code_row(const RowContexts &contexts, std::span<float> reconstruction) {
  BitReader bits = bits_;
  int32_t *levels = levels_.data();
  float *values = reconstruction.data();
  const float distance = distance_;
  along_row<quantizer>(contexts, model_, [&](size_t k, const LevelModel::Row &row, int set) {
    const int32_t level = code_level(bits, row, 0);
    levels[k] = level;
    values[k] = static_cast<float>(point_of(set, level)) * distance;
    return level;
  });
  bits_ = bits;
}

void RowDecoder::code(Segment &segment, std::span<float> reconstruction) {
  levels_.resize(reconstruction.size());
  const RowContexts &contexts = segment.start_row();
  if (parameters_.quantizer == Quantizer::kScalar)
    code_row<Quantizer::kScalar>(contexts, reconstruction);
  else
    code_row<Quantizer::kDependent>(contexts, reconstruction);
  segment.end_row(levels_);
}

}  // namespace feat::native
