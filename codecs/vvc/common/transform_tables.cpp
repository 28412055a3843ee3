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

// First basis functions of the DST-VII (clause 8.7.4.4): about N = 4 to 32 samples of a quarter of
// a sine. Sample x of function k is at the (2 k + 1)-fold angle.
constexpr int8_t kSine4[4] = {29, 55, 74, 84};
constexpr int8_t kSine8[8] = {17, 32, 46, 60, 71, 78, 85, 86};
constexpr int8_t kSine16[16] = {8, 17, 25, 33, 40, 48, 55, 62, 68, 73, 77, 81, 85, 87, 88, 88};
constexpr int8_t kSine32[32] = {4,  9,  13, 17, 21, 26, 30, 34, 38, 42, 46, 50, 53, 56, 60, 63,
                                66, 68, 72, 74, 77, 78, 80, 82, 84, 85, 86, 87, 88, 89, 90, 90};

template <int N>
constexpr std::array<int8_t, static_cast<size_t>(N) * N> make_dst7(const int8_t (&sine)[N]) {
  std::array<int8_t, static_cast<size_t>(N) * N> m{};
  constexpr int kHalfTurn = 2 * N + 1;
  for (int k = 0; k < N; k++) {
    for (int x = 0; x < N; x++) {
      int turn = ((2 * k + 1) * (x + 1)) % (2 * kHalfTurn);
      const bool negative = turn > kHalfTurn;
      if (negative) turn -= kHalfTurn;
      if (turn > N) turn = kHalfTurn - turn;
      const int value = turn == 0 ? 0 : sine[turn - 1];
      m[static_cast<size_t>(k * N + x)] = static_cast<int8_t>(negative ? -value : value);
    }
  }
  return m;
}

constexpr auto kDst7x4 = make_dst7(kSine4);
constexpr auto kDst7x8 = make_dst7(kSine8);
constexpr auto kDst7x16 = make_dst7(kSine16);
constexpr auto kDst7x32 = make_dst7(kSine32);

}  // namespace

const int8_t *dst7_matrix(int log2_size) {
  const int8_t *const kMatrices[] = {kDst7x4.data(), kDst7x8.data(), kDst7x16.data(),
                                     kDst7x32.data()};
  return kMatrices[log2_size - 2];
}

constexpr Dct2Matrix kDct2 = make_dct2();

}  // namespace feat::vvc
