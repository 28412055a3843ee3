// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/matrix_coder.h"

#include <array>
#include <cmath>
#include <span>

#include "codecs/feature/basis.h"

namespace feat::native {

namespace {

// Sums of eight at a time, which compilers make vectors of.
double squared_distance(std::span<const float> a, std::span<const float> b) {
  std::array<float, 8> sums{};
  size_t k = 0;
  for (; k + sums.size() <= a.size(); k += sums.size()) {
    for (size_t i = 0; i < sums.size(); ++i) {
      const float error = a[k + i] - b[k + i];
      sums[i] += error * error;
    }
  }
  double sum = 0;
  for (; k < a.size(); ++k) sum += (double{a[k]} - b[k]) * (double{a[k]} - b[k]);
  for (const float s : sums) sum += double{s};
  return sum;
}

}  // namespace

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
  coded_.resize(components_);
  wanted_ = matrix.in;
  result_ = matrix.out;
  if (profile_ != nullptr) {
    own_components_.resize(matrix.rows * components_);
    if constexpr (kEncoding) {
      analyse(*profile_, matrix.in, matrix.rows, matrix.first_row,
              static_cast<float>(distance_of(header_.step_code)), own_components_.data());
      wanted_ = own_components_.data();
    } else {
      result_ = own_components_.data();
    }
  }
  if (header_.layout == Layout::kGrid)
    code_grid(matrix.rows);
  else
    code_tokens(matrix.rows);
  if constexpr (!kEncoding) {
    if (profile_ != nullptr)
      synthesise(*profile_, result_, matrix.rows, matrix.first_row, matrix.out);
  }
}

template <class Rows>
double MatrixCoder<Rows>::code_row(Segment &segment, const float *wanted, const float *prediction,
                                   float *result) {
  double error = 0;
  if constexpr (kEncoding) {
    std::span<const float> values(wanted, components_);
    if (prediction != nullptr) {
      for (size_t k = 0; k < components_; ++k) difference_[k] = wanted[k] - prediction[k];
      values = difference_;
    }
    rows_.code(segment, values, coded_);
    error = squared_distance(values, coded_);
  } else {
    rows_.code(segment, prediction != nullptr ? std::span(coded_) : std::span(result, components_));
    if (prediction == nullptr) return error;
  }
  for (size_t k = 0; k < components_; ++k)
    result[k] = (prediction != nullptr ? prediction[k] : 0.0F) + coded_[k];
  return error;
}

// Codes a mean of rows against that of the matrix before; `scale` is the length of the vector of
// rows, so that errors of the mean count as often as there are rows.
template <class Rows>
double MatrixCoder<Rows>::code_mean(const float *mean, float scale) {
  std::vector<float> scaled(components_);
  std::vector<float> before(components_);
  for (size_t k = 0; k < components_; ++k) {
    before[k] = mean_[k] * scale;
    if constexpr (kEncoding) scaled[k] = mean[k] * scale;
  }
  const double error = code_row(*mean_segment_, scaled.data(), before.data(), scaled.data());
  for (size_t k = 0; k < components_; ++k) mean_[k] = scaled[k] / scale;
  return error;
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
  std::vector<float> row(kEncoding ? components_ : 0);
  float *result = row.data();
  for (size_t t = 0; t < rows; ++t) {
    const float *before = result;
    if constexpr (!kEncoding) result = row_of(result_, t);
    const float *prediction = mean_.data();
    if (profile_ != nullptr && t > 0) {
      for (size_t k = 0; k < components_; ++k)
        prediction_[k] = mean_[k] + profile_->correlations[k] * (before[k] - mean_[k]);
      prediction = prediction_.data();
    }
    squared_error_ +=
        code_row(*segment_, kEncoding ? row_of(wanted_, t) : nullptr, prediction, result);
  }
}

// The transform is orthonormal: errors of frequencies are those of places.
template <class Rows>
void MatrixCoder<Rows>::code_grid(size_t rows) {
  const size_t special = header_.special_rows;
  const size_t places = rows - special;
  const size_t height = header_.grid_height;
  if (grid_ == nullptr) grid_ = std::make_unique<GridTransform>(height, places / height);
  const float scale = std::sqrt(static_cast<float>(places));
  std::vector<float> mean(components_);
  std::vector<float> row(kEncoding ? components_ : 0);
  if constexpr (kEncoding) {
    spectrum_.resize(places * components_);
    grid_->forward(row_of(wanted_, special), components_, spectrum_.data());
    for (size_t k = 0; k < components_; ++k) mean[k] = spectrum_[k] / scale;
  }
  squared_error_ += code_mean(mean.data(), scale);
  for (size_t t = 0; t < special; ++t)
    squared_error_ += code_row(*segment_, kEncoding ? row_of(wanted_, t) : nullptr, mean_.data(),
                               kEncoding ? row.data() : row_of(result_, t));
  float *frequencies = kEncoding ? nullptr : row_of(result_, special);
  for (size_t f = 1; f < places; ++f)
    squared_error_ += code_row(*segment_, kEncoding ? row_of(spectrum_.data(), f) : nullptr,
                               nullptr, kEncoding ? row.data() : row_of(frequencies, f));
  if constexpr (!kEncoding) {
    for (size_t k = 0; k < components_; ++k) frequencies[k] = mean_[k] * scale;
    grid_->inverse(frequencies, components_, frequencies);
  }
}

template class MatrixCoder<RowEncoder>;
template class MatrixCoder<RowDecoder>;

}  // namespace feat::native
