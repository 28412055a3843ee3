// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The basis of a profile as quantised, entropy-coded numbers. A row that stands for much of the
// energy has a finer step: its errors spread over everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace feat::native {

inline constexpr int kMaxBasisShift = 7;
// Of the squared length of a row, from 1.
inline constexpr double kBasisTolerance = 0.1;

struct CodedBasis {
  float step = 0;               // of rows whose shift is 0
  std::vector<uint8_t> shifts;  // for each row: its step is step / 2^shift
  std::vector<uint8_t> code;
};

// Nothing, or that the squared length of a row is too far from 1.
std::string wrong_length(size_t row, double square);

// `basis` holds rows of `channels` values, `deviations` one value for each row. An error, or
// nothing: a row whose length rounding leaves too far from 1.
std::string encode_basis(std::span<const float> basis, std::span<const float> deviations,
                         uint32_t channels, CodedBasis &coded);

// An error as one sentence, or nothing. A row whose length is far from 1 is an error, so that
// damaged data ends early.
std::string decode_basis(std::span<const uint8_t> code, std::span<const uint8_t> shifts, float step,
                         uint32_t channels, std::vector<float> &basis);

}  // namespace feat::native
