// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/deblock_edge.h"

#include <algorithm>
#include <cstdlib>

namespace feat::vvc {
namespace {

constexpr int kLines = 4;
constexpr int kMaxTcIndex = 65;
constexpr int kMaxBetaIndex = 63;

constexpr uint16_t kTc[kMaxTcIndex + 1] = {
    0,  0,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,  0,  0,
    0,  3,  4,   4,   4,   4,   5,   5,   5,   5,   7,   7,   8,   9,   10, 10, 11,
    13, 14, 15,  17,  19,  21,  24,  25,  29,  33,  36,  41,  45,  51,  57, 64, 71,
    80, 89, 100, 112, 125, 141, 157, 177, 198, 222, 250, 280, 314, 352, 395};

constexpr uint8_t kBeta[kMaxBetaIndex + 1] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  6,  7,  8,  9,  10, 11,
    12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48,
    50, 52, 54, 56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88};

// Weights of the middle of the edge in the long filters, and how many half tc a sample may move.
constexpr int kWeight7[7] = {59, 50, 41, 32, 23, 14, 5};
constexpr int kWeight3[3] = {53, 32, 11};
constexpr int kReach7[7] = {6, 5, 4, 3, 2, 1, 1};
constexpr int kReach3[3] = {6, 4, 2};

// One line across the edge.
struct Line {
  uint16_t *q0;
  ptrdiff_t across;

  uint16_t &q(int i) const { return q0[i * across]; }
  uint16_t &p(int i) const { return q0[-(i + 1) * across]; }
  // Second differences.
  int curve_p(int i) const { return std::abs(p(i + 2) - 2 * p(i + 1) + p(i)); }
  int curve_q(int i) const { return std::abs(q(i + 2) - 2 * q(i + 1) + q(i)); }
};

uint16_t limit(int value, int around, int by) {
  return static_cast<uint16_t>(std::clamp(value, around - by, around + by));
}

bool use_strong(const Line &l, int curve, const EdgeParams &e) {
  return std::abs(l.p(3) - l.p(0)) + std::abs(l.q(3) - l.q(0)) < (e.beta >> 3) &&
         curve < (e.beta >> 2) && std::abs(l.p(0) - l.q(0)) < ((5 * e.tc + 1) >> 1);
}

bool use_long(const Line &l, int curve, const EdgeParams &e) {
  int p = std::abs(l.p(3) - l.p(0));
  int q = std::abs(l.q(3) - l.q(0));
  if (e.length_p == 7) {
    p += std::abs(l.p(4) - l.p(5) - l.p(6) + l.p(7));
    p = (p + std::abs(l.p(3) - l.p(7)) + 1) >> 1;
  }
  if (e.length_q == 7) {
    q += std::abs(l.q(4) - l.q(5) - l.q(6) + l.q(7));
    q = (q + std::abs(l.q(7) - l.q(3)) + 1) >> 1;
  }
  return p + q < (3 * e.beta >> 5) && curve < (e.beta >> 4) &&
         std::abs(l.p(0) - l.q(0)) < ((5 * e.tc + 1) >> 1);
}

void filter_long(const Line &l, const EdgeParams &e) {
  int middle;
  if (e.length_p == e.length_q) {
    middle = l.p(0) + l.q(0);
    for (int i = 0; i < 7; i++) middle += l.p(i) + l.q(i);
  } else {
    const bool p_long = e.length_p == 7;
    const auto far = [&](int i) -> int { return p_long ? l.p(i) : l.q(i); };
    const auto near = [&](int i) -> int { return p_long ? l.q(i) : l.p(i); };
    middle = 2 * far(0) + 3 * near(0) + 3 * near(1) + 2 * near(2);
    for (int i = 1; i < 7; i++) middle += far(i);
  }
  middle = (middle + 8) >> 4;
  const int end_p = (l.p(e.length_p - 1) + l.p(e.length_p) + 1) >> 1;
  const int end_q = (l.q(e.length_q - 1) + l.q(e.length_q) + 1) >> 1;
  const auto side = [&](int length, int end, auto sample) {
    const int *weight = length == 7 ? kWeight7 : kWeight3;
    const int *reach = length == 7 ? kReach7 : kReach3;
    for (int i = 0; i < length; i++) {
      uint16_t &s = sample(i);
      s = limit((middle * weight[i] + end * (64 - weight[i]) + 32) >> 6, s, e.tc * reach[i] >> 1);
    }
  };
  side(e.length_p, end_p, [&l](int i) -> uint16_t & { return l.p(i); });
  side(e.length_q, end_q, [&l](int i) -> uint16_t & { return l.q(i); });
}

void filter_strong(const Line &l, int tc) {
  const int p0 = l.p(0), p1 = l.p(1), p2 = l.p(2), p3 = l.p(3);
  const int q0 = l.q(0), q1 = l.q(1), q2 = l.q(2), q3 = l.q(3);
  l.p(0) = limit((p2 + 2 * p1 + 2 * p0 + 2 * q0 + q1 + 4) >> 3, p0, 3 * tc);
  l.p(1) = limit((p2 + p1 + p0 + q0 + 2) >> 2, p1, 2 * tc);
  l.p(2) = limit((2 * p3 + 3 * p2 + p1 + p0 + q0 + 4) >> 3, p2, tc);
  l.q(0) = limit((q2 + 2 * q1 + 2 * q0 + 2 * p0 + p1 + 4) >> 3, q0, 3 * tc);
  l.q(1) = limit((q2 + q1 + q0 + p0 + 2) >> 2, q1, 2 * tc);
  l.q(2) = limit((2 * q3 + 3 * q2 + q1 + q0 + p0 + 4) >> 3, q2, tc);
}

void filter_weak(const Line &l, const EdgeParams &e, bool second_p, bool second_q) {
  const int p0 = l.p(0), p1 = l.p(1), q0 = l.q(0), q1 = l.q(1);
  int delta = (9 * (q0 - p0) - 3 * (q1 - p1) + 8) >> 4;
  if (std::abs(delta) >= 10 * e.tc) return;
  const auto clip = [&e](int v) { return static_cast<uint16_t>(std::clamp(v, 0, e.max_value)); };
  delta = std::clamp(delta, -e.tc, e.tc);
  l.p(0) = clip(p0 + delta);
  l.q(0) = clip(q0 - delta);
  const int half = e.tc >> 1;
  if (second_p) {
    l.p(1) = clip(p1 + std::clamp((((l.p(2) + p0 + 1) >> 1) - p1 + delta) >> 1, -half, half));
  }
  if (second_q) {
    l.q(1) = clip(q1 + std::clamp((((l.q(2) + q0 + 1) >> 1) - q1 - delta) >> 1, -half, half));
  }
}

// Whether the long filter applies to all four lines; then they are filtered.
bool try_long(const Line line[kLines], const EdgeParams &e) {
  const bool long_p = e.length_p == 7;
  const bool long_q = e.length_q == 7;
  if (!long_p && !long_q) return false;
  const auto curve_p = [&](const Line &l) {
    return long_p ? (l.curve_p(0) + l.curve_p(3) + 1) >> 1 : l.curve_p(0);
  };
  const auto curve_q = [&](const Line &l) {
    return long_q ? (l.curve_q(0) + l.curve_q(3) + 1) >> 1 : l.curve_q(0);
  };
  const int first = curve_p(line[0]) + curve_q(line[0]);
  const int last = curve_p(line[3]) + curve_q(line[3]);
  if (first + last >= e.beta || !use_long(line[0], 2 * first, e) ||
      !use_long(line[3], 2 * last, e)) {
    return false;
  }
  for (int i = 0; i < kLines; i++) filter_long(line[i], e);
  return true;
}

}  // namespace

int deblock_tc(int qp, int tc_offset_div2, int bit_depth) {
  const int tc = kTc[std::clamp(qp + 2 + 2 * tc_offset_div2, 0, kMaxTcIndex)];
  return bit_depth < 10 ? (tc + (1 << (9 - bit_depth))) >> (10 - bit_depth)
                        : tc << (bit_depth - 10);
}

int deblock_beta(int qp, int beta_offset_div2, int bit_depth) {
  return kBeta[std::clamp(qp + 2 * beta_offset_div2, 0, kMaxBetaIndex)] << (bit_depth - 8);
}

void deblock_edge(uint16_t *at, ptrdiff_t across, ptrdiff_t along, const EdgeParams &e) {
  Line line[kLines];
  for (int i = 0; i < kLines; i++) line[i] = {at + i * along, across};
  if (try_long(line, e)) return;

  const int p_first = line[0].curve_p(0);
  const int q_first = line[0].curve_q(0);
  const int p_last = line[3].curve_p(0);
  const int q_last = line[3].curve_q(0);
  if (p_first + q_first + p_last + q_last >= e.beta) return;
  const bool wide = e.length_p > 1 && e.length_q > 1;
  if (wide && use_strong(line[0], 2 * (p_first + q_first), e) &&
      use_strong(line[3], 2 * (p_last + q_last), e)) {
    for (const Line &l : line) filter_strong(l, e.tc);
    return;
  }
  const int side = (e.beta + (e.beta >> 1)) >> 3;
  const bool second_p = wide && p_first + p_last < side;
  const bool second_q = wide && q_first + q_last < side;
  for (const Line &l : line) filter_weak(l, e, second_p, second_q);
}

}  // namespace feat::vvc
