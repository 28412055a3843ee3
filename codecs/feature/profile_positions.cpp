// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/profile_positions.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "codecs/feature/integer_coder.h"

namespace feat::native {

namespace {

constexpr float kStep = 0x1p-4F;
// A component that varies less than this part of the largest has the step of one that does.
constexpr float kSmallest = 0x1p-12F;

// Steps of the components. Nothing but products, so that every machine has the same.
std::vector<float> steps_of(std::span<const float> deviations, float step) {
  const float largest = deviations.empty() ? 0 : *std::ranges::max_element(deviations);
  std::vector<float> steps;
  steps.reserve(deviations.size());
  for (const float deviation : deviations)
    steps.push_back(std::max(deviation, largest * kSmallest) * step);
  return steps;
}

int sign_of(int32_t value) {
  return value > 0 ? 2 : (value < 0 ? 1 : 0);
}

// The last two positions, the last two components, and the component over all positions so far.
class PositionContexts {
 public:
  explicit PositionContexts(size_t components)
      : last_(components), before_last_(components), traces_(components) {}

  void begin_row() { left_ = {}; }
  IntegerContext at(size_t k) const {
    return {{magnitude_context(2 * magnitude(last_[k]) + magnitude(before_last_[k])),
             magnitude_context(2 * left_[0] + left_[1]), magnitude_context(traces_[k] >> 2)},
            3 * sign_of(last_[k]) + sign_of(before_last_[k])};
  }
  void add(size_t k, int32_t value) {
    const uint32_t now = magnitude(value);
    before_last_[k] = last_[k];
    last_[k] = value;
    left_ = {now, left_[0]};
    traces_[k] += now - (traces_[k] >> kTraceBits);
  }

 private:
  static constexpr int kTraceBits = 3;
  static uint32_t magnitude(int32_t value) { return static_cast<uint32_t>(std::abs(value)); }

  std::vector<int32_t> last_;
  std::vector<int32_t> before_last_;
  std::vector<uint32_t> traces_;  // times 2^kTraceBits
  std::array<uint32_t, 2> left_{};
};

// The finest step, from kStep up, with which everything has few enough digits.
float choose_step(std::span<const float> means, std::span<const float> deviations) {
  const auto units = steps_of(deviations, 1);
  double largest = 0;
  for (size_t i = 0; i < means.size(); ++i) {
    const float unit = units[i % units.size()];
    if (unit > 0) largest = std::max(largest, std::abs(double{means[i]}) / unit);
  }
  constexpr double kMost = kMaxInteger / 2.0;
  float step = kStep;
  while (largest / step > kMost) step *= 2;
  return step;
}

}  // namespace

CodedPositions encode_positions(std::span<const float> means, std::span<const float> deviations) {
  CodedPositions coded;
  coded.step = choose_step(means, deviations);
  const auto steps = steps_of(deviations, coded.step);
  RangeEncoder encoder(coded.code);
  BitsOut bits(encoder);
  const auto coder = std::make_unique<IntegerCoder>();
  PositionContexts contexts(steps.size());
  for (size_t begin = 0; begin < means.size(); begin += steps.size()) {
    contexts.begin_row();
    for (size_t k = 0; k < steps.size(); ++k) {
      const double units = steps[k] > 0 ? means[begin + k] / double{steps[k]} : 0;
      const auto value = static_cast<int32_t>(std::lround(units));
      coder->code(bits, contexts.at(k), value);
      contexts.add(k, value);
    }
  }
  encoder.finish();
  return coded;
}

std::vector<float> decode_positions(std::span<const uint8_t> code,
                                    std::span<const float> deviations, float step,
                                    uint32_t positions) {
  const auto steps = steps_of(deviations, step);
  RangeDecoder decoder(code);
  BitsIn bits(decoder);
  const auto coder = std::make_unique<IntegerCoder>();
  PositionContexts contexts(steps.size());
  std::vector<float> means(size_t{positions} * steps.size());
  for (size_t begin = 0; begin < means.size(); begin += steps.size()) {
    contexts.begin_row();
    for (size_t k = 0; k < steps.size(); ++k) {
      const int32_t value = coder->code(bits, contexts.at(k), 0);
      contexts.add(k, value);
      means[begin + k] = static_cast<float>(value) * steps[k];
    }
  }
  return means;
}

}  // namespace feat::native
