// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/matrix_coder.h"

#include <algorithm>
#include <cmath>

#include "codecs/feature/basis.h"

namespace feat::native {

template <class Rows>
void MatrixCoder<Rows>::code(const MatrixRows &matrix) {
  const size_t components = profile_ != nullptr ? profile_->components : matrix.columns;
  if (components != components_ || !segment_ || !header_.shared_statistics) {
    if (components != components_) mean_.assign(components, 0.0F);
    components_ = components;
    segment_.emplace(components_, priors_);
    mean_segment_.emplace(components_, std::span<const uint32_t>());
  }
  prediction_.resize(components_);
  difference_.resize(components_);
  result_.resize(matrix.rows * components_);
  if constexpr (kEncoding) to_components(matrix);
  if (header_.layout == Layout::kGrid)
    code_grid(matrix.rows);
  else
    code_tokens(matrix.rows);
  if constexpr (kEncoding) {
    for (size_t i = 0; i < result_.size(); ++i) {
      const double error = double{wanted_[i]} - result_[i];
      squared_error_ += error * error;
    }
  }
  if (matrix.out != nullptr) from_components(matrix);
}

template <class Rows>
void MatrixCoder<Rows>::to_components(const MatrixRows &matrix) {
  wanted_.resize(matrix.rows * components_);
  if (profile_ == nullptr)
    std::copy_n(matrix.in, wanted_.size(), wanted_.data());
  else
    analyse(*profile_, matrix.in, matrix.rows, matrix.first_row,
            static_cast<float>(distance_of(header_.step_code)), wanted_.data());
}

template <class Rows>
void MatrixCoder<Rows>::from_components(const MatrixRows &matrix) {
  if (profile_ == nullptr)
    std::copy_n(result_.data(), result_.size(), matrix.out);
  else
    synthesise(*profile_, result_.data(), matrix.rows, matrix.first_row, matrix.out);
}

template <class Rows>
void MatrixCoder<Rows>::code_row(Segment &segment, const float *wanted, const float *prediction,
                                 float *result) {
  if constexpr (kEncoding) {
    for (size_t k = 0; k < components_; ++k) difference_[k] = wanted[k] - prediction[k];
    rows_.code(segment, difference_, difference_);
  } else {
    rows_.code(segment, difference_);
  }
  for (size_t k = 0; k < components_; ++k) result[k] = prediction[k] + difference_[k];
}

// Codes a mean of rows against that of the matrix before; `scale` is the length of the vector of
// rows, so that errors of the mean count as often as there are rows.
template <class Rows>
void MatrixCoder<Rows>::code_mean(const float *mean, float scale) {
  std::vector<float> scaled(components_);
  std::vector<float> before(components_);
  for (size_t k = 0; k < components_; ++k) {
    before[k] = mean_[k] * scale;
    if constexpr (kEncoding) scaled[k] = mean[k] * scale;
  }
  code_row(*mean_segment_, scaled.data(), before.data(), scaled.data());
  for (size_t k = 0; k < components_; ++k) mean_[k] = scaled[k] / scale;
}

template <class Rows>
void MatrixCoder<Rows>::code_tokens(size_t rows) {
  if (header_.means) {
    std::vector<float> mean(components_, 0.0F);
    if constexpr (kEncoding) {
      for (size_t t = 0; t < rows; ++t) {
        for (size_t k = 0; k < components_; ++k) mean[k] += row_of(wanted_, t)[k];
      }
      for (float &m : mean) m /= static_cast<float>(rows);
    }
    code_mean(mean.data(), std::sqrt(static_cast<float>(rows)));
  }
  for (size_t t = 0; t < rows; ++t) {
    for (size_t k = 0; k < components_; ++k) {
      prediction_[k] = mean_[k];
      if (profile_ != nullptr && t > 0)
        prediction_[k] += profile_->correlations[k] * (row_of(result_, t - 1)[k] - mean_[k]);
    }
    code_row(*segment_, kEncoding ? row_of(wanted_, t) : nullptr, prediction_.data(),
             row_of(result_, t));
  }
}

template <class Rows>
void MatrixCoder<Rows>::code_grid(size_t rows) {
  const size_t special = header_.special_rows;
  const size_t places = rows - special;
  const size_t height = header_.grid_height;
  if (grid_ == nullptr) grid_ = std::make_unique<GridTransform>(height, places / height);
  spectrum_.resize(places * components_);
  const float scale = std::sqrt(static_cast<float>(places));
  std::vector<float> mean(components_);
  if constexpr (kEncoding) {
    grid_->forward(row_of(wanted_, special), components_, spectrum_.data());
    for (size_t k = 0; k < components_; ++k) mean[k] = spectrum_[k] / scale;
  }
  code_mean(mean.data(), scale);
  for (size_t k = 0; k < components_; ++k) spectrum_[k] = mean_[k] * scale;
  for (size_t t = 0; t < special; ++t)
    code_row(*segment_, kEncoding ? row_of(wanted_, t) : nullptr, mean_.data(), row_of(result_, t));
  std::fill(prediction_.begin(), prediction_.end(), 0.0F);
  for (size_t f = 1; f < places; ++f) {
    code_row(*segment_, row_of(spectrum_, f), prediction_.data(), row_of(spectrum_, f));
  }
  grid_->inverse(spectrum_.data(), components_, row_of(result_, special));
}

template class MatrixCoder<RowEncoder>;
template class MatrixCoder<RowDecoder>;

}  // namespace feat::native
