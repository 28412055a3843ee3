// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/transform.h"

namespace feat::vvc {
namespace {

// First column of the DCT-II matrix (equation 1180): row k holds about 90.5 cos(k pi / 128). Every
// other entry is one of these with a sign, by the symmetries of the cosine.
constexpr int8_t kFirstColumn[64] = {64, 91, 90, 90, 90, 90, 90, 90, 89, 88, 88, 87, 87, 86, 85, 84,
                                     83, 83, 82, 81, 80, 79, 78, 77, 75, 73, 73, 71, 70, 69, 67, 65,
                                     64, 62, 61, 59, 57, 56, 54, 52, 50, 48, 46, 44, 43, 41, 38, 37,
                                     36, 33, 31, 28, 25, 24, 22, 20, 18, 15, 13, 11, 9,  7,  4,  2};

constexpr Dct2Matrix make_dct2() {
  Dct2Matrix m{};
  for (int k = 0; k < 64; k++) {
    for (int x = 0; x < 64; x++) {
      int turn = ((2 * x + 1) * k) & 255;  // angle, 256 to the circle
      if (turn > 128) turn = 256 - turn;
      const bool negative = turn > 64;
      if (negative) turn = 128 - turn;
      const int8_t value = kFirstColumn[turn];
      m[static_cast<size_t>(k)][static_cast<size_t>(x)] =
          static_cast<int8_t>(negative ? -value : value);
    }
  }
  return m;
}

}  // namespace

constexpr Dct2Matrix kDct2 = make_dct2();

}  // namespace feat::vvc
