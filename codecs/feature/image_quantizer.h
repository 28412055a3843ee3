// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Search of the levels of one block in one channel through the states of dependent quantisation.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/dependent_quantizer.h"
#include "codecs/feature/image_contexts.h"
#include "codecs/feature/image_model.h"
#include "codecs/feature/step_size.h"

namespace feat::native {

// The point that a level means, in distances. Those next to zero are where values that become them
// are on average, since many small ones become zero.
inline float image_point(Quantizer quantizer, int set, int32_t level) {
  const auto point = static_cast<float>(point_of(set, level));
  if (quantizer == Quantizer::kScalar || level > 1 || level < -1) return point;
  return point + static_cast<float>(level) * (set == 0 ? -0.0625F : 0.125F);
}

// Bits of a magnitude, its sign included.
float image_level_cost(const ImageModel &model, const ImageContext &context, int set,
                       int32_t magnitude);

// Scratch memory is kept between blocks.
class ImageQuantizer {
 public:
  // `values` in distances between points, `state` that of the quantiser before the first level;
  // `lambda`: squared distances that a bit is worth; `rounds` of search, of which each takes the
  // contexts from the levels that the one before found.
  void search(std::span<const float> values, ImageContexts &contexts, const ImageModel &model,
              float lambda, int rounds, int state, std::span<int32_t> levels);

 private:
  void weigh(float value, const ImageContext &context, const ImageModel &model,
             const ImageModel::Sums &fixed, float lambda, Candidate &candidate) const;

  std::vector<ImageModel::Sums> fixed_;
  std::vector<Candidate> candidates_;
  std::vector<uint8_t> decisions_;
};

}  // namespace feat::native
