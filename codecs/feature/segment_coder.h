// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes rows of coefficients: quantises them, or takes them from the bits, and gives back what a
// decoder has of them. Rows that share statistics of their components form a segment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/dependent_quantizer.h"
#include "codecs/feature/level_coder.h"
#include "codecs/feature/level_model.h"
#include "codecs/feature/row_contexts.h"
#include "codecs/feature/step_size.h"

namespace feat::native {

struct CodingParameters {
  int step_code = 0;
  Quantizer quantizer = Quantizer::kDependent;
  // Of the encoder alone.
  float lambda = 0.4F;  // squared distances between points that a bit is worth
  int rounds = 2;       // of search, for each row
};

// Statistics of the rows so far.
class Segment {
 public:
  Segment(size_t components, std::span<const uint32_t> prior);

  const RowContexts &start_row();
  void end_row(std::span<const int32_t> levels);

 private:
  ComponentMeans means_;
  RowContexts contexts_;
  std::array<std::vector<int32_t>, 2> earlier_;  // levels of the last row and the one before
  int rows_ = 0;
};

class RowEncoder {
 public:
  RowEncoder(const CodingParameters &parameters, std::vector<uint8_t> &out);
  // Starts from weights of its own; only for learning those that all start from.
  RowEncoder(const CodingParameters &parameters, const LevelModel &start,
             std::vector<uint8_t> &out);

  // Codes `values`; `reconstruction` gets what the decoder will have, it may be `values` itself.
  void code(Segment &segment, std::span<const float> values, std::span<float> reconstruction);
  void finish() { bits_.finish(); }
  LevelModel &model() { return model_; }

 private:
  void code_scalar(const RowContexts &contexts);

  const CodingParameters parameters_;
  const float distance_;
  LevelModel model_;
  BitWriter bits_;
  DependentQuantizer quantizer_;
  std::vector<float> scaled_;
  std::vector<int32_t> levels_;
};

class RowDecoder {
 public:
  RowDecoder(const CodingParameters &parameters, std::span<const uint8_t> data);

  void code(Segment &segment, std::span<float> reconstruction);

 private:
  template <Quantizer quantizer>
  void code_row(const RowContexts &contexts, std::span<float> reconstruction);

  const CodingParameters parameters_;
  const float distance_;
  LevelModel model_;
  BitReader bits_;
  std::vector<int32_t> levels_;
};

}  // namespace feat::native
