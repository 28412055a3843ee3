// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_coder.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/step_size.h"

namespace feat::native {

template <class Bits>
ImageCoder<Bits>::ImageCoder(const BlockGrid &grid, size_t channels,
                             const CodingParameters &parameters, Bits &bits)
    : grid_(grid),
      channels_(channels),
      parameters_(parameters),
      distance_(static_cast<float>(distance_of(parameters.step_code))),
      bits_(bits),
      contexts_(grid, channels),
      means_(grid.columns().size() * channels) {}

template <class Bits>
void ImageCoder<Bits>::code_rotations(std::array<Angles, kRotations> &rotations) {
  if (channels_ < 2 || channels_ > kMaxRotatedChannels) return;
  for (Angles &angles : rotations) code_angles(bits_, channels_, angles);
}

// Without dependencies a level is decided where it is coded, in its true context.
template <class Bits>
int32_t ImageCoder<Bits>::decide(float value, const ImageContext &context) const {
  const float r = std::fabs(value) * 0.5F;
  const auto low = static_cast<int32_t>(r);
  int32_t best = 0;
  if (low > 16) {
    best = static_cast<int32_t>(std::lround(r));
  } else if (r > 0.5F) {
    const float lambda = parameters_.lambda * 0.25F;
    float least = r * r + lambda * image_level_cost(model_, context, 0, 0);
    for (int32_t a = std::max(low, 1); a <= low + 1; ++a) {
      const float error = r - static_cast<float>(a);
      const float cost = error * error + lambda * image_level_cost(model_, context, 0, a);
      if (cost < least) {
        least = cost;
        best = a;
      }
    }
  }
  return value < 0 ? -best : best;
}

// The mean of a block from those to its left and above.
template <class Bits>
float ImageCoder<Bits>::predict(size_t row, size_t column, size_t channel) const {
  const float *above = means_.data() + column * channels_ + channel;
  const bool has_above = row > first_row_;
  if (column == 0) return has_above ? *above : 0.0F;
  const float left = *(above - channels_);
  return has_above ? 0.5F * (left + *above) : left;
}

// `mean`: predicted, becomes what the decoder has.
template <class Bits>
void ImageCoder<Bits>::code_block(Coefficients *values, float &mean) {
  const size_t size = contexts_.kind().size();
  const float scale = std::sqrt(static_cast<float>(size));
  const float first = mean * scale;
  levels_.resize(size);
  const bool dependent = parameters_.quantizer == Quantizer::kDependent;
  if constexpr (kEncoding) {
    scaled_.resize(size);
    const float inverse = 1.0F / distance_;
    for (size_t k = 0; k < size; ++k)
      scaled_[k] = bounded((values[k] - (k == 0 ? first : 0.0F)) * inverse);
    if (dependent)
      quantizer_.search(scaled_, contexts_, model_, parameters_.lambda, parameters_.rounds, state_,
                        levels_);
  }
  BlockWalk walk(contexts_);
  float block_error = 0;
  for (size_t k = 0; k < size; ++k) {
    const ImageContext context = walk.context(k);
    const int set = dependent ? set_of(state_) : 0;
    if constexpr (kEncoding) {
      if (!dependent) levels_[k] = decide(scaled_[k], context);
    }
    const int32_t level = code_image_level(bits_, model_, context, set, levels_[k]);
    levels_[k] = level;
    walk.add(k, level);
    state_ = next_state(state_, level);
    const float point = image_point(parameters_.quantizer, set, level);
    if (k == 0) mean = (first + point * distance_) / scale;
    if constexpr (kEncoding)
      block_error += (scaled_[k] - point) * (scaled_[k] - point);
    else
      values[k] = k == 0 ? first + point * distance_ : point * distance_;
  }
  squared_error_ += double{block_error} * distance_ * distance_;
  contexts_.end(levels_);
}

template <class Bits>
void ImageCoder<Bits>::code(size_t first_row, size_t rows, Coefficients *coefficients) {
  contexts_.start_image();
  first_row_ = first_row;
  for (size_t r = first_row; r < first_row + rows; ++r) {
    for (size_t c = 0; c < grid_.columns().size(); ++c) {
      Coefficients *block = coefficients + channels_ * grid_.offset(r, c);
      for (size_t channel = 0; channel < channels_; ++channel) {
        contexts_.start(r, c, channel);
        float mean = predict(r, c, channel);
        code_block(block + channel * contexts_.kind().size(), mean);
        means_[c * channels_ + channel] = mean;
      }
    }
  }
}

template class ImageCoder<BitWriter>;
template class ImageCoder<BitReader>;

}  // namespace feat::native
