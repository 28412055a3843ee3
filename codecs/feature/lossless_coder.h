// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The two directions of the lossless coder behind one interface, so that the model is written once.
#pragma once

#include "codecs/feature/lossless_bits.h"
#include "codecs/feature/range_coder.h"

namespace feat::native::lossless {

class CodeWriter {
 public:
  static constexpr bool kWrites = true;

  CodeWriter(std::vector<uint8_t> &modelled, std::vector<uint8_t> &raw)
      : range_(modelled), raw_(raw) {}

  bool bit(uint32_t probability, bool value) {
    range_.bit(probability, value);
    return value;
  }
  uint32_t raw(uint32_t value, int count) {
    raw_.put(value, count);
    return value;
  }
  void finish() {
    range_.finish();
    raw_.finish();
  }

 private:
  RangeEncoder range_;
  BitWriter raw_;
};

class CodeReader {
 public:
  static constexpr bool kWrites = false;

  CodeReader(std::span<const uint8_t> modelled, std::span<const uint8_t> raw)
      : range_(modelled), raw_(raw) {}

  bool bit(uint32_t probability, bool) { return range_.bit(probability); }
  uint32_t raw(uint32_t, int count) { return raw_.get(count); }
  bool at_end() const { return raw_.at_end(); }

 private:
  RangeDecoder range_;
  BitReader raw_;
};

}  // namespace feat::native::lossless
