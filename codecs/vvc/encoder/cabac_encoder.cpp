// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/cabac_encoder.h"

namespace feat::vvc {

void CabacEncoder::carry() {
  size_t i = bytes_.size();
  while (i > 0 && ++bytes_[i - 1] == 0) --i;
}

void CabacEncoder::flush_word() {
  const int rest = pending_ - 32 + 9;
  const uint64_t word = low_ >> rest;
  low_ &= (uint64_t{1} << rest) - 1;
  pending_ -= 32;
  if ((word >> 32) != 0) carry();
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes_.push_back(static_cast<uint8_t>(word >> shift));
  }
}

void CabacEncoder::finish() {
  range_ -= 2;
  low_ += range_;
  range_ = 2;
  renormalise();
  // Two of the nine bits in work suffice to tell the interval; the second is the stop bit.
  low_ = (low_ >> 7) | 1;
  int bits = pending_ + 2;
  if ((low_ >> bits) != 0) carry();
  const int padding = (8 - bits % 8) % 8;
  low_ <<= padding;
  bits += padding;
  for (int shift = bits - 8; shift >= 0; shift -= 8) {
    bytes_.push_back(static_cast<uint8_t>(low_ >> shift));
  }
}

}  // namespace feat::vvc
