// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Interleaved rANS with a static table for every value: the entropy coder of learned codecs. The
// format: docs/rans.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace feat::rans {

inline constexpr int kPrecision = 16;    // frequencies of a table add up to 2^kPrecision
inline constexpr int kMaxSymbols = 256;  // of a table
inline constexpr int kMaxRawBits = 8;
inline constexpr int kMaxTables = 256;
inline constexpr int32_t kMaxValue = 1 << 24;  // values are -kMaxValue to kMaxValue
inline constexpr uint64_t kMaxValues = uint64_t{1} << 32;

// How values are distributed. A value v is coded as the symbol (v - first) >> raw_bits and the
// low bits of v - first, which cost raw_bits. The last symbol is the escape, for all values that
// have none; the distance follows it in an Elias-gamma code.
struct Distribution {
  int32_t first = 0;
  int raw_bits = 0;                   // 0 to kMaxRawBits
  std::vector<uint16_t> frequencies;  // 2 to kMaxSymbols of them, none is 0, the sum is 2^16
};

// The distribution of a rounded Gaussian of mean 0 and standard deviation `sigma` (above 0).
Distribution gaussian(double sigma);

// The distribution of the probabilities of first, first + 1, ... (any scale, not negative, at least
// one, at most kMaxSymbols - 1); what is left out is escaped.
Distribution from_probabilities(int32_t first, std::span<const double> probabilities);

// Distributions made ready for coding. Immutable: any number of threads may use it.
class Tables {
 public:
  // Null, and `error` is a sentence without a full stop: a distribution is none.
  static std::shared_ptr<const Tables> build(std::span<const Distribution> distributions,
                                             std::string &error);
  virtual ~Tables() = default;
  virtual int count() const = 0;
  // What a value costs by this table, escapes and raw bits included.
  virtual double bits(int table, int32_t value) const = 0;

 protected:
  Tables() = default;
};

// Appends the coded values to `out`; value i is coded with the table tables[i]. False, `error` is
// set and `out` is as it was: a value or a table is out of range.
bool encode(const Tables &tables, std::span<const int32_t> values,
            std::span<const uint8_t> table_of, std::vector<uint8_t> &out, std::string &error);

// Decodes values.size() values from all of `bytes`. False, and `error` is set: the bytes are
// damaged. Never reads outside of `bytes`, whatever they are; needs memory for its result alone.
bool decode(const Tables &tables, std::span<const uint8_t> bytes, std::span<const uint8_t> table_of,
            std::span<int32_t> values, std::string &error);

}  // namespace feat::rans
