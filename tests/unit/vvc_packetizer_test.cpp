// SPDX-License-Identifier: LGPL-2.1-or-later
//
// RTP payloads of H.266 against bytes worked out by hand from the figures of RFC 9328.
#include "gst/rtp/vvc_packetizer.h"

#include <gtest/gtest.h>

#include "gst/rtp/vvc_parameter_sets.h"

namespace feat::vvcrtp {
namespace {

using Buffer = std::vector<uint8_t>;

// F=0 Z=0 LayerId=0 | Type, TID=1.
Buffer nal(int type, std::initializer_list<int> payload, int layer = 0) {
  Buffer unit = {static_cast<uint8_t>(layer), static_cast<uint8_t>(type << 3 | 1)};
  for (const int byte : payload) unit.push_back(static_cast<uint8_t>(byte));
  return unit;
}

struct Flat {
  Buffer bytes;
  bool marker;
  bool important;
  bool operator==(const Flat &) const = default;
};

void PrintTo(const Flat &flat, std::ostream *os) {
  *os << (flat.marker ? "M " : "- ") << (flat.important ? "I" : "-")
      << testing::PrintToString(flat.bytes);
}

std::vector<Flat> packets(const std::vector<Buffer> &units, size_t max, Aggregate mode,
                          size_t *left_out = nullptr) {
  const std::vector<Bytes> spans(units.begin(), units.end());
  Plan plan;
  plan_payloads(spans, max, mode, plan);
  if (left_out != nullptr) *left_out = plan.units_left_out;
  std::vector<Flat> out;
  for (const Payload &p : plan.payloads) {
    Flat flat{{}, p.marker, p.important};
    for (size_t i = 0; i < p.pieces; i++) {
      const Piece &piece = plan.pieces[p.first_piece + i];
      flat.bytes.insert(flat.bytes.end(), piece.head.begin(), piece.head.begin() + piece.head_size);
      flat.bytes.insert(flat.bytes.end(), piece.data.begin(), piece.data.end());
    }
    EXPECT_EQ(flat.bytes.size(), p.size);
    out.push_back(flat);
  }
  return out;
}

TEST(Packetizer, ASingleUnitIsThePayload) {  // section 4.3.1
  const auto got = packets({nal(8, {1, 2, 3})}, 1400, Aggregate::kZeroLatency);
  EXPECT_EQ(got, (std::vector<Flat>{{{0x00, 0x41, 1, 2, 3}, true, false}}));
}

TEST(Packetizer, AggregationPacket) {  // section 4.3.2
  // Type 28: 28 << 3 | 1 = 0xe1. SPS is type 15 (0x79), PPS 16 (0x81), prefix SEI 23 (0xb9).
  const auto got = packets({nal(15, {0xa0}), nal(16, {0xb0, 0xb1}), nal(23, {0xc0})}, 1400,
                           Aggregate::kZeroLatency);
  EXPECT_EQ(got, (std::vector<Flat>{{{0x00, 0xe1,                          // payload header
                                      0x00, 0x03, 0x00, 0x79, 0xa0,        // size, SPS
                                      0x00, 0x04, 0x00, 0x81, 0xb0, 0xb1,  // size, PPS
                                      0x00, 0x03, 0x00, 0xb9, 0xc0},       // size, SEI
                                     true,
                                     true}}));
}

TEST(Packetizer, AggregateHasTheLowestLayerAndTemporalIdAndAnyForbiddenBit) {
  Buffer first = nal(16, {1}, 5);
  first[1] = 16 << 3 | 3;
  Buffer second = nal(16, {2}, 2);
  second[0] |= 0x80;
  second[1] = 16 << 3 | 2;
  const auto got = packets({first, second}, 1400, Aggregate::kMax);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].bytes[0], 0x82);         // F, layer 2
  EXPECT_EQ(got[0].bytes[1], 28 << 3 | 2);  // lowest TID
  EXPECT_EQ(got[0].bytes[4], 5);            // the units themselves stay as they are
}

TEST(Packetizer, FragmentationUnits) {  // section 4.3.3
  // 10 payload bytes, 4 in a packet of 7. Type 29: 29 << 3 | 1 = 0xe9. IDR_N_LP is type 8.
  const auto got = packets({nal(8, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})}, 7, Aggregate::kZeroLatency);
  EXPECT_EQ(got, (std::vector<Flat>{{{0x00, 0xe9, 0x88, 0, 1, 2, 3}, false, false},  // S
                                    {{0x00, 0xe9, 0x08, 4, 5, 6, 7}, false, false},
                                    {{0x00, 0xe9, 0x68, 8, 9}, true, false}}));  // E, P
}

TEST(Packetizer, FragmentsOfTheLastSliceHaveTheBitP) {
  const Buffer slice = nal(8, {1, 2, 3, 4, 5, 6});
  const Buffer sei = nal(24, {1, 2, 3, 4, 5, 6});
  const auto got = packets({slice, slice, sei}, 6, Aggregate::kNone);
  ASSERT_EQ(got.size(), 6U);
  EXPECT_EQ(got[0].bytes[2], 0x88);
  EXPECT_EQ(got[1].bytes[2], 0x48);  // E, but another slice follows
  EXPECT_EQ(got[3].bytes[2], 0x68);  // E and P
  EXPECT_EQ(got[5].bytes[2], 0x58);  // E; a suffix SEI is no slice
  for (size_t i = 0; i < got.size(); i++) {
    EXPECT_EQ(got[i].marker, i == 5);
    EXPECT_EQ(got[i].important, i >= 4);
  }
}

TEST(Packetizer, EveryLayerEndsItsOwnPicture) {
  const auto got = packets({nal(8, {1, 2, 3, 4}, 0), nal(8, {1, 2, 3, 4}, 1)}, 5, Aggregate::kNone);
  ASSERT_EQ(got.size(), 4U);
  EXPECT_EQ(got[1].bytes[2], 0x68);
  EXPECT_EQ(got[2].bytes, (Buffer{0x01, 0xe9, 0x88, 1, 2}));
  EXPECT_EQ(got[3].bytes[2], 0x68);
}

TEST(Packetizer, AUnitIsFragmentedFromOneByteTooMany) {
  EXPECT_EQ(packets({nal(8, {1, 2, 3, 4, 5})}, 7, Aggregate::kZeroLatency).size(), 1U);
  const auto got = packets({nal(8, {1, 2, 3, 4, 5, 6})}, 7, Aggregate::kZeroLatency);
  ASSERT_EQ(got.size(), 2U);  // never a single fragment
  EXPECT_EQ(got[0].bytes.size(), 7U);
  EXPECT_EQ(got[1].bytes.size(), 5U);
}

TEST(Packetizer, AnAggregateFillsTheLimitAndNoMore) {
  const std::vector<Buffer> units = {nal(15, {1}), nal(16, {2})};  // 2 + 5 + 5 bytes
  EXPECT_EQ(packets(units, 12, Aggregate::kZeroLatency).size(), 1U);
  EXPECT_EQ(packets(units, 11, Aggregate::kZeroLatency).size(), 2U);
}

TEST(Packetizer, Modes) {
  const std::vector<Buffer> units = {nal(15, {1}), nal(16, {2}), nal(8, {3}),
                                     nal(8, {4}),  nal(24, {5}), nal(24, {6})};
  EXPECT_EQ(packets(units, 1400, Aggregate::kNone).size(), 6U);
  // Up to the first slice; then each for itself.
  EXPECT_EQ(packets(units, 1400, Aggregate::kZeroLatency).size(), 4U);
  EXPECT_EQ(packets(units, 1400, Aggregate::kMax).size(), 1U);
}

TEST(Packetizer, WhatTheFormatCannotCarryIsLeftOut) {
  size_t left_out = 0;
  const auto got = packets({nal(28, {1}), nal(29, {1}), nal(31, {1}), {0x00}, nal(8, {1})}, 1400,
                           Aggregate::kMax, &left_out);
  EXPECT_EQ(left_out, 4U);
  EXPECT_EQ(got, (std::vector<Flat>{{{0x00, 0x41, 1}, true, false}}));
}

TEST(Packetizer, NoUnitsNoPackets) {
  EXPECT_TRUE(packets({}, 1400, Aggregate::kMax).empty());
}

TEST(ParameterSets, RemembersWhatIsInForce) {
  ParameterSets sets;
  const Buffer sps = nal(15, {0x10, 1, 2});     // id 1
  const Buffer pps = nal(16, {0x08, 0x40, 3});  // id 2 of sequence parameter set 1
  const Buffer other = nal(16, {0x0c, 0x00});   // id 3 of set 0
  EXPECT_TRUE(sets.learn(pps));
  EXPECT_TRUE(sets.learn(other));
  EXPECT_TRUE(sets.learn(sps));
  EXPECT_FALSE(sets.learn(sps));
  EXPECT_FALSE(sets.learn(nal(8, {1})));
  const auto all = sets.missing_in({});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].data()[1] >> 3, 15);  // in the order of reference
  const std::vector<Bytes> unit = {sps};
  EXPECT_EQ(sets.missing_in(unit).size(), 2U);
  // Another set of the same id: what referred to the old one goes.
  EXPECT_TRUE(sets.learn(nal(15, {0x10, 9})));
  EXPECT_EQ(sets.missing_in({}).size(), 2U);
  EXPECT_EQ(sets.of_type(kPps).size(), 1U);
}

TEST(ParameterSets, HugeSetsAreNotKept) {
  ParameterSets sets;
  Buffer huge = nal(15, {0x10});
  huge.resize(ParameterSets::kMaxBytes + 1, 1);
  EXPECT_FALSE(sets.learn(huge));
  EXPECT_TRUE(sets.empty());
}

TEST(ParameterSets, GoBehindADelimiter) {
  const std::vector<Buffer> units = {nal(20, {1}), nal(12, {1}), nal(16, {1}), nal(8, {1})};
  const std::vector<Bytes> spans(units.begin(), units.end());
  EXPECT_EQ(insert_position(spans), 2U);
  EXPECT_EQ(insert_position(std::span(spans).subspan(2)), 0U);
}

TEST(ProfileOf, ReadsTheSequenceParameterSet) {
  // Ids, 4:0:0, block size, the flag; profile 1 in the main tier, level 51; frames only.
  const auto ptl = profile_of(nal(15, {0x00, 0x05, 0x02, 51, 0x80}));
  ASSERT_TRUE(ptl.has_value());
  EXPECT_EQ(ptl->profile_id, 1);
  EXPECT_EQ(ptl->tier_flag, 0);
  EXPECT_EQ(ptl->level_id, 51);
  EXPECT_EQ(ptl->interop_constraints, "80");
}

TEST(ProfileOf, WithConstraints) {
  // Flags 101, then 71 bits, the number 3 in the bits 74 to 81, three bits, and zeros: 85 bits.
  const auto ptl =
      profile_of(nal(15, {0x00, 0x01, 0x03, 80, 0xb0, 1, 2, 4, 5, 6, 7, 8, 9, 0xc0, 0xf8}));
  ASSERT_TRUE(ptl.has_value());
  EXPECT_EQ(ptl->tier_flag, 1);
  EXPECT_EQ(ptl->interop_constraints, "b00102040506070809c0f8");
}

TEST(ProfileOf, NothingInTruncatedOrOtherUnits) {
  EXPECT_FALSE(profile_of(nal(15, {0x00, 0x04, 0x02, 51, 0x80})).has_value());  // flag not set
  EXPECT_FALSE(profile_of(nal(15, {0x00, 0x05, 0x02, 51})).has_value());
  EXPECT_FALSE(profile_of(nal(15, {0x00, 0x05, 0x02, 51, 0xa0, 0})).has_value());
  EXPECT_FALSE(profile_of(nal(16, {0x00, 0x05, 0x02, 51, 0x80})).has_value());
  EXPECT_FALSE(profile_of({}).has_value());
}

}  // namespace
}  // namespace feat::vvcrtp
