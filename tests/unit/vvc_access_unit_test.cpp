// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>

#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

using Bytes = std::vector<uint8_t>;

// A NAL unit with a start code of three or four bytes and a payload without meaning.
Bytes nal(int type, bool long_start_code, uint8_t first = 0x80) {
  Bytes out;
  if (long_start_code) out.push_back(0);
  for (int b : {0, 0, 1, 0, type << 3 | 1, static_cast<int>(first), 0x55, 0x66}) {
    out.push_back(static_cast<uint8_t>(b));
  }
  return out;
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes &p : parts) all.insert(all.end(), p.begin(), p.end());
  return all;
}

// SPS, PPS, prefix SEI, IDR slice, suffix SEI.
Bytes unit() {
  return join({nal(15, true), nal(16, true), nal(23, true), nal(8, false), nal(24, false)});
}

TEST(AccessUnit, EndsBeforeTheNextParameterSet) {
  const Bytes one = unit();
  const Bytes two = join({one, one});
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find(two, false), one.size());
}

TEST(AccessUnit, EndIsUnknownWithoutMoreData) {
  const Bytes one = unit();
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find(one, false), 0U);
  EXPECT_EQ(finder.find(one, true), one.size());
}

TEST(AccessUnit, SamePlaceHoweverTheBytesArrive) {
  const Bytes one = unit();
  const Bytes two = join({one, one});
  AccessUnitFinder finder;
  for (size_t n = 1; n <= two.size(); n++) {
    const size_t found = finder.find({two.data(), n}, false);
    if (found == 0) continue;
    EXPECT_EQ(found, one.size());
    EXPECT_LE(n, one.size() + 7);
    return;
  }
  FAIL() << "no end found";
}

TEST(AccessUnit, SliceWithItsPictureHeaderIsAPicture) {
  const Bytes first = nal(8, true);
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find(join({first, nal(8, true)}), false), first.size());
}

TEST(AccessUnit, SlicesOfOnePictureStayTogether) {
  const Bytes picture = join({nal(19, true), nal(8, false, 0x00), nal(8, false, 0x00)});
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find(join({picture, nal(19, true)}), false), picture.size());
}

// Parameter sets may stand between the slices of a picture; what they belong to shows later.
TEST(AccessUnit, ParameterSetsBetweenSlices) {
  const Bytes picture = join({nal(19, true), nal(17, true), nal(8, false, 0x00), nal(17, true),
                              nal(23, true), nal(8, false, 0x00), nal(24, false), nal(25, false)});
  const Bytes next = join({nal(16, true), nal(17, true), nal(19, true), nal(8, false, 0x00)});
  for (const Bytes &follower : {next, join({nal(23, true), nal(8, true)}), nal(20, true)}) {
    AccessUnitFinder finder;
    EXPECT_EQ(finder.find(join({picture, follower}), false), picture.size());
  }
}

TEST(AccessUnit, SetsAtTheEndBelongToTheLastUnit) {
  const Bytes stream = join({nal(8, true), nal(24, false), nal(17, true)});
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find(stream, false), 0U);
  EXPECT_EQ(finder.find(stream, true), stream.size());
}

TEST(AccessUnit, GarbageEndsOnlyWithTheStream) {
  const Bytes garbage(1000, 0xff);
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find(garbage, false), 0U);
  EXPECT_EQ(finder.find(garbage, true), garbage.size());
}

TEST(AccessUnit, EmptyInput) {
  AccessUnitFinder finder;
  EXPECT_EQ(finder.find({}, false), 0U);
  EXPECT_EQ(finder.find({}, true), 0U);
}

}  // namespace
}  // namespace feat::vvc
