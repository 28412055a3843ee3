// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes the blocks of a job: quantises their coefficients, or takes them from the bits, and gives
// back what a decoder has of them. Encoder and decoder are one piece of code; Bits is BitWriter or
// BitReader.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "codecs/feature/image_blocks.h"
#include "codecs/feature/image_contexts.h"
#include "codecs/feature/image_klt.h"
#include "codecs/feature/image_model.h"
#include "codecs/feature/image_quantizer.h"
#include "codecs/feature/level_coder.h"
#include "codecs/feature/segment_coder.h"

namespace feat::native {

template <class Bits>
class ImageCoder {
 public:
  static constexpr bool kEncoding = std::is_same_v<Bits, BitWriter>;

  ImageCoder(const BlockGrid &grid, size_t channels, const CodingParameters &parameters,
             Bits &bits);

  void code_rotations(std::array<Angles, kRotations> &rotations);

  // Codes rows of blocks of an image. When encoding, `coefficients` of the image are read and the
  // sum of squared errors grows; when decoding, they are written.
  using Coefficients = std::conditional_t<kEncoding, const float, float>;
  void code(size_t first_row, size_t rows, Coefficients *coefficients);
  double squared_error() const { return squared_error_; }

 private:
  void quantise(const float *values);
  int32_t decide(float value, const ImageContext &context) const;
  float predict(size_t row, size_t column, size_t channel) const;
  void code_block(Coefficients *values, float &mean);

  const BlockGrid &grid_;
  const size_t channels_;
  const CodingParameters parameters_;
  const float distance_;
  Bits &bits_;
  ImageModel model_;
  ImageContexts contexts_;
  ImageQuantizer quantizer_;
  int state_ = 0;             // of the quantiser
  size_t first_row_ = 0;      // of this image
  std::vector<float> means_;  // of the last block by column of blocks and channel, as decoded
  std::vector<float> scaled_;
  std::vector<int32_t> levels_;
  double squared_error_ = 0;
};

extern template class ImageCoder<BitWriter>;
extern template class ImageCoder<BitReader>;

}  // namespace feat::native
