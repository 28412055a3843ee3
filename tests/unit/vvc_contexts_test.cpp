// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <vector>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {
namespace {

// Initial value 35 has slope 0: even odds at every QP.
TEST(ContextModel, EvenOdds) {
  for (int qp = 0; qp <= 63; qp++) {
    ContextModel m;
    m.init(35, 8, qp);
    EXPECT_EQ(m.state(), (55 << 7) + 16 * (55 << 3));
    EXPECT_EQ(m.mps(), 0);
  }
}

// Worked by hand: init value 19 at QP 32 has slope -2, offset 55, hence 55 - 16 = 39.
TEST(ContextModel, InitAndUpdate) {
  ContextModel m;
  m.init(19, 12, 32);
  EXPECT_EQ(m.state(), (39 << 7) + 16 * (39 << 3));
  // shift 12: rates 5 and 8. LPS width from 9984 >> 9 = 19.
  EXPECT_EQ(m.lps_range(510), ((15 * 19) >> 1) + 4);
  m.update(1);
  EXPECT_EQ(m.state(), (4992 - 19 + 63) + 16 * (312 - 9 + 31));
  m.update(0);
  EXPECT_EQ(m.state(), (5036 - 19) + 16 * (334 - 10));
}

TEST(ContextModel, MpsOne) {
  ContextModel m;
  m.init(62, 0, 22);  // slope 3, offset 109: 109 + 9
  EXPECT_EQ(m.state(), (118 << 7) + 16 * (118 << 3));
  EXPECT_EQ(m.mps(), 1);
  EXPECT_EQ(m.lps_range(256), ((8 * ((32767 - m.state()) >> 9)) >> 1) + 4);
}

TEST(ContextSet, EverySetStartsWhereItShould) {
  ContextSet set;
  set.init(32);
  const auto expect = [&set](int ctx, int value, int shift) {
    ContextModel m;
    m.init(value, shift, 32);
    EXPECT_EQ(set[ctx].state(), m.state()) << ctx;
    m.update(1);
    ContextModel other = set[ctx];
    other.update(1);
    EXPECT_EQ(other.state(), m.state()) << ctx;
  };
  expect(kCtxSplitCu, 19, 12);
  expect(kCtxSplitQt, 27, 0);
  expect(kCtxMttVertical, 43, 9);
  expect(kCtxMttBinary, 36, 12);
  expect(kCtxMipFlag, 33, 9);
  expect(kCtxRefIdx, 25, 5);
  expect(kCtxMpmFlag, 45, 6);
  expect(kCtxNotPlanar, 13, 1);
  expect(kCtxBdpcmFlag, 19, 1);
  expect(kCtxCbf, 15, 5);
  expect(kCtxTsFlag, 25, 1);
  expect(kCtxMtsIdx, 29, 8);
  expect(kCtxLfnstIdx, 28, 9);
  expect(kCtxLastX, 13, 8);
  expect(kCtxLastY, 13, 8);
  expect(kCtxSbCoded, 18, 8);
  expect(kCtxSig + 12, 11, 9);
  expect(kCtxSig + 24, 18, 8);
  expect(kCtxPar, 33, 8);
  expect(kCtxGt1, 25, 9);
  expect(kCtxGt3, 25, 1);
  expect(kCtxGtTs + 4, 10, 1);
  expect(kCtxSignTs, 12, 1);
  expect(kCtxSaoType, 13, 4);
  expect(kCtxAlfUseAps, 46, 0);
}

TEST(DiagonalScan, FourByFour) {
  const int expected[16][2] = {{0, 0}, {0, 1}, {1, 0}, {0, 2}, {1, 1}, {2, 0}, {0, 3}, {1, 2},
                               {2, 1}, {3, 0}, {1, 3}, {2, 2}, {3, 1}, {2, 3}, {3, 2}, {3, 3}};
  const ScanPos *scan = diagonal_scan(2, 2);
  for (int i = 0; i < 16; i++) {
    EXPECT_EQ(scan[i].x, expected[i][0]);
    EXPECT_EQ(scan[i].y, expected[i][1]);
  }
}

TEST(DiagonalScan, EveryShapeVisitsEachPositionOnceInOrder) {
  for (int lw = 0; lw <= 5; lw++) {
    for (int lh = 0; lh <= 5; lh++) {
      const ScanPos *scan = diagonal_scan(lw, lh);
      std::vector<int> seen(size_t{1} << (lw + lh), 0);
      int last = -1;
      for (int i = 0; i < 1 << (lw + lh); i++) {
        ASSERT_LT(scan[i].x, 1 << lw);
        ASSERT_LT(scan[i].y, 1 << lh);
        seen[static_cast<size_t>((scan[i].y << lw) + scan[i].x)]++;
        const int order = (scan[i].x + scan[i].y) * 64 + scan[i].x;
        EXPECT_GT(order, last);
        last = order;
      }
      for (const int s : seen) EXPECT_EQ(s, 1);
    }
  }
}

TEST(SubblockShape, SixteenPositions) {
  for (int lw = 0; lw <= 6; lw++) {
    for (int lh = 0; lh <= 6; lh++) {
      if (lw + lh < 4) continue;
      const SubblockShape s = subblock_shape(lw, lh);
      EXPECT_EQ(s.log2_w + s.log2_h, 4);
      EXPECT_LE(s.log2_w, lw);
      EXPECT_LE(s.log2_h, lh);
    }
  }
  EXPECT_EQ(subblock_shape(0, 5).log2_h, 4);
  EXPECT_EQ(subblock_shape(4, 1).log2_w, 3);
}

TEST(Template, SumsNeighboursInsideTheBlock) {
  // A 4x4 block of levels 1 to 16.
  int level[16];
  for (int i = 0; i < 16; i++) level[i] = i + 1;
  TemplateSum t = template_sum(level, 4, 0, 0, 4, 4);
  EXPECT_EQ(t.sum_abs, 2 + 3 + 5 + 6 + 9);
  EXPECT_EQ(t.num_sig, 5);
  t = template_sum(level, 4, 2, 1, 4, 4);  // no second one to the right
  EXPECT_EQ(t.sum_abs, 8 + 12 + 11 + 15);
  t = template_sum(level, 4, 3, 3, 4, 4);
  EXPECT_EQ(t.sum_abs, 0);
}

TEST(Template, Contexts) {
  EXPECT_EQ(sig_ctx({0, 0}, 0, 0, 0), kCtxSig + 8);
  EXPECT_EQ(sig_ctx({9, 5}, 3, 1, 3), kCtxSig + 24 + 3 + 4);
  EXPECT_EQ(sig_ctx({2, 2}, 3, 2, 1), kCtxSig + 1);
  EXPECT_EQ(greater_ctx({5, 2}, 0, 0, true), 0);
  EXPECT_EQ(greater_ctx({5, 2}, 0, 0, false), 1 + 3 + 15);
  EXPECT_EQ(greater_ctx({12, 2}, 1, 1, false), 1 + 4 + 10);
  EXPECT_EQ(greater_ctx({2, 2}, 6, 4, false), 1);
  EXPECT_EQ(rice_parameter(0, 4), 0);
  EXPECT_EQ(rice_parameter(34, 4), 2);
  EXPECT_EQ(rice_parameter(500, 0), 3);
}

TEST(QState, Machine) {
  EXPECT_EQ(next_q_state(0, 2), 0);
  EXPECT_EQ(next_q_state(0, -1), 2);
  EXPECT_EQ(next_q_state(1, 4), 2);
  EXPECT_EQ(next_q_state(1, 5), 0);
  EXPECT_EQ(next_q_state(2, 0), 1);
  EXPECT_EQ(next_q_state(2, 1), 3);
  EXPECT_EQ(next_q_state(3, 0), 3);
  EXPECT_EQ(next_q_state(3, -3), 1);
}

}  // namespace
}  // namespace feat::vvc
