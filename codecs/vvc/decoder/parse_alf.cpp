// SPDX-License-Identifier: LGPL-2.1-or-later
#include <bit>

#include "codecs/vvc/decoder/alf.h"

namespace feat::vvc {

AlfFilters parse_alf(BitReader &r, bool chroma_present) {
  constexpr uint32_t kMaxCoeff = 128;
  AlfFilters filters;
  const bool luma = r.flag();
  // Filters of chroma follow those of luma and are of no interest.
  if (chroma_present) r.skip(3);
  if (!luma) return filters;
  const bool clipped = r.flag();
  const int count = 1 + r.ue(kAlfClasses - 1, "alf_luma_num_filters_signalled_minus1");
  std::array<size_t, kAlfClasses> filter_of{};
  if (count > 1) {
    const int bits = std::bit_width(static_cast<unsigned>(count - 1));
    for (size_t &index : filter_of) {
      index = r.bits(bits);
      if (index >= static_cast<size_t>(count)) fail_corrupt("an ALF class refers to no filter");
    }
  }
  AlfFilters coded;
  for (size_t i = 0; i < static_cast<size_t>(count); i++) {
    for (int16_t &c : coded.coeff[i]) {
      const int magnitude = r.ue(kMaxCoeff, "alf_luma_coeff_abs");
      c = static_cast<int16_t>(magnitude != 0 && r.flag() ? -magnitude : magnitude);
    }
  }
  if (clipped) {
    for (size_t i = 0; i < static_cast<size_t>(count); i++) {
      for (uint8_t &c : coded.clip[i]) c = static_cast<uint8_t>(r.bits(2));
    }
  }
  for (size_t i = 0; i < kAlfClasses; i++) {
    filters.coeff[i] = coded.coeff[filter_of[i]];
    filters.clip[i] = coded.clip[filter_of[i]];
  }
  return filters;
}

AlfFilters fixed_alf_filters(int set) {
  AlfFilters filters;
  for (size_t i = 0; i < kAlfClasses; i++) {
    const int8_t *from = kAlfFixedFilter[kAlfFixedSet[set][i]];
    for (size_t k = 0; k < kAlfTaps; k++) filters.coeff[i][k] = from[k];
  }
  return filters;
}

}  // namespace feat::vvc
