// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/md5.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace feat::vvc {
namespace {

// The integer part of 2^32 |sin(i + 1)|.
constexpr uint32_t kSine[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr int kRotate[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

uint32_t load_le(const uint8_t *p) {
  return static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
         static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
}

}  // namespace

void Md5::block(const uint8_t *data) {
  uint32_t words[16];
  for (int i = 0; i < 16; i++) words[i] = load_le(data + 4 * i);
  uint32_t a = state_[0];
  uint32_t b = state_[1];
  uint32_t c = state_[2];
  uint32_t d = state_[3];
  // One loop for each of the four rounds, so that the compiler can unroll them.
  const auto round = [&](int number, auto mix, int word, int step) {
    for (int i = 16 * number; i < 16 * number + 16; i++) {
      const uint32_t sum = a + mix(b, c, d) + kSine[i] + words[word & 15];
      word += step;
      a = d;
      d = c;
      c = b;
      b += std::rotl(sum, kRotate[number][i & 3]);
    }
  };
  round(
      0, [](uint32_t x, uint32_t y, uint32_t z) { return (x & y) | (~x & z); }, 0, 1);
  round(
      1, [](uint32_t x, uint32_t y, uint32_t z) { return (z & x) | (~z & y); }, 1, 5);
  round(
      2, [](uint32_t x, uint32_t y, uint32_t z) { return x ^ y ^ z; }, 5, 3);
  round(
      3, [](uint32_t x, uint32_t y, uint32_t z) { return y ^ (x | ~z); }, 0, 7);
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
}

void Md5::update(std::span<const uint8_t> data) {
  size_t filled = length_ & 63;
  length_ += data.size();
  if (filled != 0) {
    const size_t n = std::min(data.size(), 64 - filled);
    std::copy_n(data.begin(), n, pending_.begin() + static_cast<ptrdiff_t>(filled));
    data = data.subspan(n);
    if (filled + n < 64) return;
    block(pending_.data());
  }
  for (; data.size() >= 64; data = data.subspan(64)) block(data.data());
  std::copy(data.begin(), data.end(), pending_.begin());
}

Md5Digest Md5::finish() {
  const uint64_t bits = length_ * 8;
  constexpr uint8_t kPadding[64] = {0x80};
  update(std::span(kPadding).first(1 + ((55 - length_) & 63)));
  uint8_t length[8];
  for (int i = 0; i < 8; i++) length[i] = static_cast<uint8_t>(bits >> (8 * i));
  update(length);
  Md5Digest digest;
  for (size_t i = 0; i < 16; i++) digest[i] = static_cast<uint8_t>(state_[i >> 2] >> (8 * (i & 3)));
  return digest;
}

}  // namespace feat::vvc
