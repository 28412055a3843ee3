// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes matrices of rows (tokens) of channels: optionally through a profile's basis, then row after
// row, or over a grid of rows. Encoder and decoder are one piece of code; Rows is RowEncoder
// or RowDecoder.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "codecs/feature/dct.h"
#include "codecs/feature/profile.h"
#include "codecs/feature/segment_coder.h"
#include "codecs/feature/unit_header.h"

namespace feat::native {

// Some rows of one matrix.
struct MatrixRows {
  const float *in = nullptr;  // encoding
  float *out = nullptr;       // decoding
  size_t rows = 0;
  size_t columns = 0;
  size_t first_row = 0;  // of the matrix that they are from
};

template <class Rows>
class MatrixCoder {
 public:
  static constexpr bool kEncoding = std::is_same_v<Rows, RowEncoder>;

  // `priors`: mean levels of the profile's components, empty without one.
  MatrixCoder(const UnitHeader &header, const ProfileData *profile,
              const std::vector<uint32_t> &priors, Rows &rows)
      : header_(header), profile_(profile), priors_(priors), rows_(rows) {}

  // Codes one matrix. When encoding, the sum of squared errors grows.
  void code(const MatrixRows &matrix);
  double squared_error() const { return squared_error_; }

 private:
  void code_tokens(size_t rows);
  void code_grid(size_t rows);
  double code_mean(const float *mean, float scale);
  float *row_of(float *values, size_t row) const { return values + row * components_; }
  const float *row_of(const float *values, size_t row) const { return values + row * components_; }
  // Codes `wanted` less `prediction`, which may be null; `result` gets what the decoder has of
  // `wanted`, and may be the prediction. Returns the squared error when encoding.
  double code_row(Segment &segment, const float *wanted, const float *prediction, float *result);

  const UnitHeader &header_;
  const ProfileData *const profile_;
  const std::vector<uint32_t> &priors_;
  Rows &rows_;

  size_t components_ = 0;
  std::optional<Segment> segment_;
  std::optional<Segment> mean_segment_;
  std::unique_ptr<GridTransform> grid_;
  std::vector<float> mean_;            // as the decoder has it
  const float *wanted_ = nullptr;      // encoding: rows x components
  float *result_ = nullptr;            // decoding: rows x components
  std::vector<float> own_components_;  // of a profile: what one of these points to
  std::vector<float> spectrum_;        // encoding a grid: frequencies
  std::vector<float> prediction_;      // one row each
  std::vector<float> difference_;
  std::vector<float> coded_;
  double squared_error_ = 0;
};

extern template class MatrixCoder<RowEncoder>;
extern template class MatrixCoder<RowDecoder>;

}  // namespace feat::native
