// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Access units from RTP payloads written by hand after RFC 9328, and from those of the packetizer.
#include "gst/rtp/vvc_depacketizer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "codecs/vvc/decoder/nal.h"
#include "gst/rtp/vvc_packetizer.h"

namespace feat::vvcrtp {
namespace {

using Buffer = std::vector<uint8_t>;

constexpr uint8_t kIdr = 8 << 3 | 1;
constexpr uint8_t kSpsByte = 15 << 3 | 1;
constexpr uint8_t kPpsByte = 16 << 3 | 1;
constexpr uint8_t kAp = 28 << 3 | 1;
constexpr uint8_t kFu = 29 << 3 | 1;

class Receiver {
 public:
  // Returns the units that became whole.
  std::vector<AccessUnit> push(const Buffer &payload, uint32_t timestamp, bool marker,
                               bool gap = false) {
    std::vector<AccessUnit> out;
    depacketizer.push({payload, timestamp, marker, gap}, out);
    return out;
  }
  const Depacketizer::Stats &stats() const { return depacketizer.stats(); }
  // A whole unit that begins with parameter sets.
  bool sync(uint32_t timestamp = 0) {
    push({0, kSpsByte, 1}, timestamp, false);
    return push({0, kIdr, 2}, timestamp, true).size() == 1;
  }

  Depacketizer depacketizer;
};

Buffer only(const std::vector<AccessUnit> &units) {
  EXPECT_EQ(units.size(), 1U);
  return units.empty() ? Buffer() : units[0].data;
}

TEST(Depacketizer, SingleUnits) {
  Receiver r;
  EXPECT_TRUE(r.push({0, kSpsByte, 1}, 5, false).empty());
  EXPECT_EQ(only(r.push({0, kIdr, 2, 3}, 5, true)),
            (Buffer{0, 0, 0, 1, 0, kSpsByte, 1, 0, 0, 1, 0, kIdr, 2, 3}));
}

TEST(Depacketizer, AggregationPacket) {
  Receiver r;
  EXPECT_EQ(
      only(r.push({0, kAp,                   // payload header
                   0, 3, 0, kSpsByte, 0xa0,  // size, unit
                   0, 4, 0, kPpsByte, 1, 2,  //
                   0, 3, 0, kIdr, 9},
                  5, true)),
      (Buffer{0, 0, 0, 1, 0, kSpsByte, 0xa0, 0, 0, 0, 1, 0, kPpsByte, 1, 2, 0, 0, 1, 0, kIdr, 9}));
}

// Senders exist whose aggregates have a temporal id of 0, and parameter sets in another order.
TEST(Depacketizer, AggregationPacketOfALenientSender) {
  Receiver r;
  EXPECT_EQ(only(r.push({0, 28 << 3, 0, 3, 0, kPpsByte, 2, 0, 3, 0, kSpsByte, 1, 0, 3, 0, kIdr, 9},
                        5, true)),
            (Buffer{0, 0, 0, 1, 0, kPpsByte, 2, 0, 0, 0, 1, 0, kSpsByte, 1, 0, 0, 1, 0, kIdr, 9}));
}

TEST(Depacketizer, FragmentationUnits) {
  Receiver r;
  r.push({0, kSpsByte, 1}, 5, false);
  r.push({0, kFu, 0x88, 1, 2}, 5, false);
  r.push({0, kFu, 0x08, 3, 4}, 5, false);
  const auto units = r.push({0, kFu, 0x68, 5}, 5, true);
  EXPECT_EQ(only(units), (Buffer{0, 0, 0, 1, 0, kSpsByte, 1, 0, 0, 1, 0, kIdr, 1, 2, 3, 4, 5}));
  EXPECT_TRUE(units[0].irap);
}

TEST(Depacketizer, TheLayerAndTemporalIdOfFragmentsAreTheUnits) {
  Receiver r;
  r.sync();
  r.push({3, 29 << 3 | 2, 0x80, 1}, 5, false);
  EXPECT_EQ(only(r.push({3, 29 << 3 | 2, 0x40, 2}, 5, true)),
            (Buffer{0, 0, 0, 1, 3, 0 << 3 | 2, 1, 2}));
}

TEST(Depacketizer, AnotherTimestampEndsAUnitToo) {
  Receiver r;
  r.push({0, kSpsByte, 1}, 5, false);
  r.push({0, kIdr, 2}, 5, false);
  EXPECT_EQ(r.push({0, kSpsByte, 1}, 6, false).size(), 1U);
  EXPECT_EQ(r.push({0, kIdr, 2}, 6, true).size(), 1U);
  EXPECT_EQ(r.stats().received, 2U);
}

// Sends a unit of SPS, and a slice in three fragments, with packet `lost` left out.
struct Lossy {
  explicit Lossy(Receiver &receiver) : r(receiver) {}
  void unit(uint32_t timestamp, int lost) {
    const std::vector<Buffer> payloads = {
        {0, kSpsByte, 1}, {0, kFu, 0x88, 1}, {0, kFu, 0x08, 2}, {0, kFu, 0x68, 3}};
    for (int i = 0; i < 4; i++) {
      if (i == lost) {
        gap = true;
        continue;
      }
      units += r.push(payloads[i], timestamp, i == 3, gap).size();
      gap = false;
    }
  }
  Receiver &r;
  size_t units = 0;
  bool gap = false;
};

TEST(Depacketizer, ExactlyTheUnitOfALostPacketIsMissing) {
  for (int lost = 0; lost < 4; lost++) {
    Receiver r;
    Lossy sender(r);
    sender.unit(1, -1);
    sender.unit(2, lost);
    sender.unit(3, -1);
    sender.unit(4, -1);
    EXPECT_EQ(sender.units, 3U) << lost;
    EXPECT_EQ(r.stats().damaged, 1U) << lost;
    EXPECT_EQ(r.stats().complete, 3U) << lost;
  }
}

TEST(Depacketizer, AGapBetweenUnitsDamagesNeither) {  // packets of error correction
  Receiver r;
  Lossy sender(r);
  for (uint32_t t = 0; t < 10; t++) {
    sender.gap = true;
    sender.unit(t, -1);
  }
  EXPECT_EQ(sender.units, 10U);
  EXPECT_EQ(r.stats().damaged, 0U);
}

TEST(Depacketizer, ABareSliceBehindAGapIsWholeWhereUnitsLookLikeThat) {
  Receiver r;
  ASSERT_TRUE(r.sync());
  EXPECT_EQ(r.push({0, 0x01, 1}, 1, true).size(), 1U);        // a slice of type 0
  EXPECT_EQ(r.push({0, 0x01, 1}, 2, true, true).size(), 1U);  // seen before
  EXPECT_EQ(r.push({0, kIdr, 1}, 3, true, true).size(), 0U);  // those began with an SPS
  EXPECT_EQ(r.depacketizer.last_damage(), "its first packet did not arrive");
}

TEST(Depacketizer, ALateReceiverBeginsWithAWholeUnit) {
  Receiver r;
  Lossy sender(r);
  sender.unit(1, 0);
  EXPECT_EQ(sender.units, 0U);
  Receiver inside;
  inside.push({0, kFu, 0x08, 2}, 1, false);
  EXPECT_TRUE(inside.push({0, kFu, 0x48, 2}, 1, true).empty());
  EXPECT_TRUE(inside.sync(2));
  EXPECT_EQ(inside.stats().damaged, 1U);
}

TEST(Depacketizer, DamagedPayloads) {
  const std::vector<std::pair<Buffer, const char *>> cases = {
      {{}, "empty"},
      {{0}, "half a header"},
      {{0, kFu, 0x88}, "a fragment without bytes"},
      {{0, kFu, 0xc8, 1}, "start and end"},
      {{0, kFu, 0x08, 1}, "no start"},
      {{0, kFu, 0x80 | 28, 1}, "a fragment of a packet"},
      {{0, kAp}, "nothing in it"},
      {{0, kAp, 0}, "half a size"},
      {{0, kAp, 0, 1, 0}, "a unit without header"},
      {{0, kAp, 0, 3, 0, kIdr}, "too few bytes"},
      {{0, kAp, 0, 3, 0, kAp, 1}, "a packet in a packet"},
      {{0, kAp, 0, 3, 0, kFu, 1}, "a fragment in a packet"},
      {{0x80, kIdr, 1}, "forbidden bit"},
      {{0, 8 << 3, 1}, "temporal id 0"},
  };
  for (const auto &[payload, name] : cases) {
    Receiver r;
    ASSERT_TRUE(r.sync());
    r.push({0, kSpsByte, 1}, 1, false);
    EXPECT_TRUE(r.push(payload, 1, true).empty()) << name;
    EXPECT_EQ(r.stats().damaged, 1U) << name;
    EXPECT_FALSE(r.depacketizer.last_damage().empty());
    EXPECT_TRUE(r.sync(2)) << name;
  }
}

TEST(Depacketizer, FragmentsThatDoNotBelongTogether) {
  const Buffer start = {0, kFu, 0x88, 1};
  for (const Buffer &next : {Buffer{0, kFu, 0x47, 2}, Buffer{1, kFu, 0x48, 2},
                             Buffer{0, 29 << 3 | 2, 0x48, 2}, Buffer{0, kIdr, 2}, start}) {
    Receiver r;
    ASSERT_TRUE(r.sync());
    r.push(start, 1, false);
    EXPECT_TRUE(r.push(next, 1, true).empty());
    EXPECT_EQ(r.stats().damaged, 1U);
  }
  Receiver open;
  ASSERT_TRUE(open.sync());
  EXPECT_TRUE(open.push(start, 1, true).empty());  // the unit ends, the NAL unit does not
}

TEST(Depacketizer, ReservedTypesAreIgnored) {
  Receiver r;
  r.push({0, kSpsByte, 1}, 1, false);
  r.push({0, 30 << 3 | 1, 7}, 1, false);
  r.push({0, 31 << 3 | 1, 7}, 1, false);
  EXPECT_EQ(only(r.push({0, kIdr, 2}, 1, true)),
            (Buffer{0, 0, 0, 1, 0, kSpsByte, 1, 0, 0, 1, 0, kIdr, 2}));
}

TEST(Depacketizer, TheLimitOfSizeHolds) {
  Receiver r;
  r.depacketizer.set_max_unit_bytes(64);
  ASSERT_TRUE(r.sync());
  r.push({0, kFu, 0x88, 1}, 1, false);
  for (int i = 0; i < 100; i++) r.push({0, kFu, 0x08, 1, 2, 3, 4}, 1, false);
  EXPECT_TRUE(r.push({0, kFu, 0x48, 1}, 1, true).empty());
  EXPECT_EQ(r.depacketizer.last_damage(), "it is larger than max-unit-size");
  EXPECT_TRUE(r.sync(2));
}

TEST(Depacketizer, TheEndDropsWhatIsUnderWay) {
  Receiver r;
  ASSERT_TRUE(r.sync());
  r.push({0, kSpsByte, 1}, 1, false);
  r.depacketizer.finish();
  EXPECT_EQ(r.stats().damaged, 1U);
  EXPECT_FALSE(r.depacketizer.in_unit());
  r.depacketizer.finish();
  EXPECT_EQ(r.stats().damaged, 1U);
}

std::vector<Bytes> nal_units(Bytes stream) {
  std::vector<Bytes> units;
  vvc::NalUnit nal;
  while (vvc::next_nal_unit(stream, nal)) units.push_back(nal.bytes);
  return units;
}

TEST(Depacketizer, StreamsOfTheReferenceEncoderComeBackToTheByte) {
  size_t streams = 0;
  for (const auto &entry : std::filesystem::directory_iterator(VVC_TEST_DATA)) {
    if (entry.path().extension() != ".266") continue;
    streams++;
    std::ifstream in(entry.path(), std::ios::binary);
    const Buffer stream{std::istreambuf_iterator<char>(in), {}};
    for (const Aggregate mode : {Aggregate::kNone, Aggregate::kZeroLatency, Aggregate::kMax}) {
      for (const size_t max : {kMinPayload, size_t{100}, size_t{1388}}) {
        Receiver r;
        Bytes rest = stream;
        Buffer out;
        for (uint32_t timestamp = 0; !rest.empty(); timestamp += 3000) {
          vvc::AccessUnitFinder finder;
          const size_t length = finder.find(rest, true);
          const auto units = nal_units(rest.first(length));
          rest = rest.subspan(length);
          Plan plan;
          plan_payloads(units, max, mode, plan);
          for (const Payload &p : plan.payloads) {
            EXPECT_LE(p.size, max);
            Buffer payload;
            for (size_t i = 0; i < p.pieces; i++) {
              const Piece &piece = plan.pieces[p.first_piece + i];
              payload.insert(payload.end(), piece.head.begin(),
                             piece.head.begin() + piece.head_size);
              payload.insert(payload.end(), piece.data.begin(), piece.data.end());
            }
            for (const auto &unit : r.push(payload, timestamp, p.marker))
              out.insert(out.end(), unit.data.begin(), unit.data.end());
          }
        }
        EXPECT_EQ(r.stats().damaged, 0U) << entry.path();
        EXPECT_EQ(out, stream) << entry.path();
      }
    }
  }
  EXPECT_GT(streams, 20U);
}

}  // namespace
}  // namespace feat::vvcrtp
