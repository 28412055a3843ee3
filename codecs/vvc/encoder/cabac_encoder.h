// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Arithmetic encoder (clause 9.3.4.5 mirrored), the sink that syntax is written to.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {

class CabacEncoder {
 public:
  explicit CabacEncoder(int slice_qp) { contexts.init(slice_qp); }

  ContextSet contexts;

  void bin(int ctx, int value) {
    ContextModel &model = contexts[ctx];
    const auto lps = static_cast<uint32_t>(model.lps_range(static_cast<int>(range_)));
    range_ -= lps;
    if (value != model.mps()) {
      low_ += range_;
      range_ = lps;
    }
    model.update(value);
    renormalise();
  }

  // `count` equiprobable bins, most significant first; count 0 to 32.
  void bypass(uint32_t value, int count) {
    while (count > 16) {
      count -= 16;
      bypass_chunk((value >> count) & 0xffff, 16);
    }
    bypass_chunk(value & ((1U << count) - 1), count);
  }

  // end_of_slice_one_bit: ends the data, the last bit written being rbsp_stop_one_bit.
  void finish();

  const std::vector<uint8_t> &bytes() const { return bytes_; }

 private:
  void renormalise() {
    const int shift = std::countl_zero(range_) - 23;
    low_ <<= shift;
    range_ <<= shift;
    pending_ += shift;
    if (pending_ >= 32) flush_word();
  }
  void bypass_chunk(uint32_t value, int count) {
    low_ = (low_ << count) + static_cast<uint64_t>(range_) * value;
    pending_ += count;
    if (pending_ >= 32) flush_word();
  }
  void flush_word();
  void carry();

  uint64_t low_ = 0;  // 9 bits in work, below `pending_` finished bits and one carry
  uint32_t range_ = 510;
  int pending_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace feat::vvc
