// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Arithmetic decoding engine (clause 9.3.4.3).
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codecs/vvc/common/cabac_model.h"
#include "codecs/vvc/decoder/error.h"

namespace feat::vvc {

class CabacDecoder {
 public:
  // Starts at the first byte of slice data; reading far past the end throws.
  void start(std::span<const uint8_t> data) {
    begin_ = next_ = data.data();
    end_ = next_ + data.size();
    fed_ = 0;
    missing_ = 0;
    range_ = 510;
    value_ = uint64_t{next_byte()} << 8;
    value_ |= next_byte();
    spare_ = 7;
    refill();
  }

  int bin(ContextModel &model) {
    const auto lps = static_cast<uint32_t>(model.lps_range(static_cast<int>(range_)));
    const uint32_t mps_range = range_ - lps;
    const uint64_t scaled = static_cast<uint64_t>(mps_range) << (spare_ & 63);
    const uint64_t is_lps = uint64_t{0} - static_cast<uint64_t>(value_ >= scaled);
    value_ -= scaled & is_lps;
    const uint32_t range = mps_range + ((lps - mps_range) & static_cast<uint32_t>(is_lps));
    const int result = model.mps() ^ static_cast<int>(is_lps & 1);
    const int shift = std::countl_zero(range) - 23;  // to 9 bits
    range_ = range << shift;
    spare_ -= shift;
    model.update(result);
    if (spare_ < kReserve) refill();
    return result;
  }

  int bypass() {
    const uint32_t result = bypass_step();
    if (spare_ < kReserve) refill();
    return static_cast<int>(result);
  }

  uint32_t bypass_bits(int n) {
    uint32_t value = 0;
    while (n > kReserve) {
      value = value << kReserve | bypass_bits(kReserve);
      n -= kReserve;
    }
    for (int i = 0; i < n; i++) value = value << 1 | bypass_step();
    if (spare_ < kReserve) refill();
    return value;
  }

  // Truncated binary code of bypass bins (clause 9.3.3.4).
  int truncated_binary(int symbols) {
    assert(symbols > 0);
    const int bits = std::bit_width(static_cast<unsigned>(symbols)) - 1;
    const int shorter = (2 << bits) - symbols;
    const int value = static_cast<int>(bypass_bits(bits));
    return value < shorter ? value : 2 * value - shorter + bypass();
  }

  int terminate() {
    range_ -= 2;
    const uint64_t scaled = scaled_range();
    if (value_ >= scaled) return 1;
    if (range_ < 256) {
      range_ <<= 1;
      spare_--;
      if (spare_ < kReserve) refill();
    }
    return 0;
  }

  // After a terminating bin of 1: checks the alignment bits that end the data and returns how
  // many bytes it had.
  size_t finish() {
    // The last bit of the window is the stop bit; zeros follow to the end of its byte.
    const size_t consumed = 8 * fed_ - static_cast<size_t>(spare_);
    const size_t last = (consumed - 1) / 8;
    if (last >= static_cast<size_t>(end_ - begin_)) {
      fail_corrupt("the slice data ends before its terminating bin");
    }
    const auto tail = static_cast<uint8_t>(begin_[last] << ((consumed - 1) & 7));
    if (tail != 0x80) fail_corrupt("the slice data does not end in its alignment bits");
    return last + 1;
  }

 private:
  // Bits below the nine of the comparison that must be at hand before a bin.
  static constexpr int kReserve = 16;

  // Without a branch: these bins cannot be predicted. The caller sees to the reserve.
  uint32_t bypass_step() {
    spare_--;
    const uint64_t scaled = scaled_range();
    const auto result = static_cast<uint32_t>(value_ >= scaled);
    value_ -= scaled & (uint64_t{0} - result);
    return result;
  }

  uint64_t scaled_range() const { return static_cast<uint64_t>(range_) << (spare_ & 63); }

  uint8_t next_byte() {
    fed_++;
    if (next_ != end_) return *next_++;
    if (++missing_ > 16) fail_corrupt("the slice data ends in the middle of a picture");
    return 0;
  }

  void refill() {
    while (spare_ <= 40) {
      value_ = value_ << 8 | next_byte();
      spare_ += 8;
    }
  }

  const uint8_t *begin_ = nullptr;
  const uint8_t *next_ = nullptr;
  const uint8_t *end_ = nullptr;
  size_t fed_ = 0;      // bytes shifted in
  size_t missing_ = 0;  // of them, past the end
  uint64_t value_ = 0;
  uint32_t range_ = 510;
  int spare_ = 0;  // bits of value_ below those compared with range_
};

}  // namespace feat::vvc
