// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/profile_basis.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "codecs/feature/integer_coder.h"

namespace feat::native {

namespace {

// Mean squared error of a row with the step of shift 1, relative to its length.
constexpr double kRelativeError = 1e-4;

// What the decoder has seen of a row's surroundings, in units of its step.
class BasisContexts {
 public:
  explicit BasisContexts(uint32_t channels) : traces_(channels) {}

  void begin_row(int shift) {
    shift_ = shift;
    before_ = {};
    local_ = 0;
  }
  IntegerContext at(uint32_t channel) const {
    // Quarters of a step: most numbers of a sparse basis are 0.
    const uint32_t trace = traces_[channel] >> (kTraceBits + kMaxBasisShift - shift_ - 2);
    return {{magnitude_context(trace), magnitude_context(2 * before_[0] + before_[1]),
             magnitude_context(local_ >> (kLocalBits - 2))},
            0};
  }
  void add(uint32_t channel, uint32_t magnitude) {
    // At most 2^24 << 7, with a unit of the finest step; the trace is a running mean of it.
    const uint32_t finest = std::min(magnitude, uint32_t{1} << 20) << (kMaxBasisShift - shift_);
    uint32_t &trace = traces_[channel];
    trace += finest - (trace >> kTraceBits);
    before_ = {magnitude, before_[0]};
    local_ += magnitude - (local_ >> kLocalBits);
  }

 private:
  static constexpr int kTraceBits = 3;
  static constexpr int kLocalBits = 4;

  std::vector<uint32_t> traces_;  // of each channel over the rows, times 2^kTraceBits
  std::array<uint32_t, 2> before_{};
  uint32_t local_ = 0;  // over the channels before, times 2^kLocalBits
  int shift_ = 0;
};

int shift_of(float deviation, double mean_square) {
  if (!(deviation > 0) || !(mean_square > 0)) return 0;
  const double finer = 1 + std::log2(deviation / std::sqrt(mean_square));
  return static_cast<int>(std::lround(std::clamp(finer, 0.0, double{kMaxBasisShift})));
}

}  // namespace

std::string wrong_length(size_t row, double square) {
  if (std::abs(square - 1) < kBasisTolerance) return {};
  return "row " + std::to_string(row) + " of the basis has a squared length of " +
         std::to_string(square) + " instead of 1";
}

std::string encode_basis(std::span<const float> basis, std::span<const float> deviations,
                         uint32_t channels, CodedBasis &coded) {
  coded.step = static_cast<float>(2 * std::sqrt(12 * kRelativeError / channels));
  double energy = 0;
  for (const float deviation : deviations) energy += double{deviation} * deviation;
  RangeEncoder encoder(coded.code);
  BitsOut bits(encoder);
  const auto coder = std::make_unique<IntegerCoder>();
  BasisContexts contexts(channels);
  for (size_t row = 0; row < deviations.size(); ++row) {
    const int shift = shift_of(deviations[row], energy / channels);
    coded.shifts.push_back(static_cast<uint8_t>(shift));
    contexts.begin_row(shift);
    const double scale = std::ldexp(1.0 / coded.step, shift);
    double square = 0;
    for (uint32_t c = 0; c < channels; ++c) {
      const auto value = static_cast<int32_t>(std::lround(std::clamp(
          basis[row * channels + c] * scale, double{-kMaxInteger}, double{kMaxInteger})));
      coder->code(bits, contexts.at(c), value);
      contexts.add(c, static_cast<uint32_t>(std::abs(value)));
      square += (value / scale) * (value / scale);
    }
    if (std::string wrong = wrong_length(row, square); !wrong.empty())
      return wrong + ", once it is rounded";
  }
  encoder.finish();
  return {};
}

std::string decode_basis(std::span<const uint8_t> code, std::span<const uint8_t> shifts, float step,
                         uint32_t channels, std::vector<float> &basis) {
  RangeDecoder decoder(code);
  BitsIn bits(decoder);
  const auto coder = std::make_unique<IntegerCoder>();
  BasisContexts contexts(channels);
  basis.resize(shifts.size() * channels);
  for (size_t row = 0; row < shifts.size(); ++row) {
    const int shift = shifts[row];
    contexts.begin_row(shift);
    const float row_step = std::ldexp(step, -shift);
    uint64_t square = 0;
    for (uint32_t c = 0; c < channels; ++c) {
      const int32_t value = coder->code(bits, contexts.at(c), 0);
      const auto magnitude = static_cast<uint32_t>(std::abs(value));
      contexts.add(c, magnitude);
      square += uint64_t{magnitude} * magnitude;
      basis[row * channels + c] = static_cast<float>(value) * row_step;
    }
    const double length = static_cast<double>(square) * row_step * row_step;
    if (std::string wrong = wrong_length(row, length); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace feat::native
