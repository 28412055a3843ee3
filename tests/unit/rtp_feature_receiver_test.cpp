// SPDX-License-Identifier: LGPL-2.1-or-later
// What a receiver makes of packets: units, losses, limits.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gst/rtp/unit_receiver.h"

using namespace feat::rtp;

namespace {

using Payload = std::vector<uint8_t>;

const Payload kConfiguration = {0, 0, 0xa0};

Payload content(size_t size, uint32_t seed) {
  Payload bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 3 + seed * 17 + (i >> 8));
  return bytes;
}

struct Settings {
  size_t fragment = 100;
  bool has_config = true;
  uint8_t config_id = 1;
  Payload configuration = kConfiguration;
};

// The payloads of a unit.
std::vector<Payload> packets(uint32_t unit_id, const Payload &unit, const Settings &s = {}) {
  FragmentHeader header;
  header.config_id = s.config_id;
  header.has_config = s.has_config;
  header.unit_id = unit_id;
  UnitCrc crc(header.kind, unit_id);
  crc.add(s.configuration);
  crc.add(unit);
  header.crc = crc.value();
  Payload bytes;
  if (s.has_config) {
    bytes = s.configuration;
    header.config_size = static_cast<uint32_t>(s.configuration.size());
  }
  bytes.insert(bytes.end(), unit.begin(), unit.end());
  header.total_size = static_cast<uint32_t>(bytes.size());
  std::vector<Payload> out;
  do {
    const size_t size = std::min(s.fragment, bytes.size() - header.offset);
    uint8_t head[kMaxFragmentHeaderSize];
    const size_t n = write_fragment_header(header, static_cast<uint32_t>(size), head);
    Payload payload(head, head + n);
    payload.insert(payload.end(), bytes.begin() + header.offset,
                   bytes.begin() + static_cast<ptrdiff_t>(header.offset + size));
    out.push_back(payload);
    header.offset += static_cast<uint32_t>(size);
  } while (header.offset < header.total_size);
  return out;
}

// A first fragment that announces a unit of this size and brings ten bytes.
Payload announcement(uint32_t unit_id, uint32_t total) {
  FragmentHeader header;
  header.unit_id = unit_id;
  header.total_size = total;
  uint8_t head[kMaxFragmentHeaderSize];
  const size_t n = write_fragment_header(header, 10, head);
  Payload payload(head, head + n);
  payload.resize(n + 10);
  return payload;
}

class Receiver : public UnitReceiver::Listener {
 public:
  struct Unit {
    uint32_t id;
    Payload bytes;
    uint64_t time;
    Configuration configuration;
  };

  bool unit(const ReceivedUnit &received) override {
    Unit unit{received.unit_id, {}, received.time, received.configuration};
    for (const Bytes part : received.parts)
      unit.bytes.insert(unit.bytes.end(), part.begin(), part.end());
    EXPECT_EQ(unit.bytes.size(), received.size);
    units.push_back(unit);
    return accept;
  }
  void loss(const Loss &loss) override { losses.push_back(loss); }
  void invalid(const char *) override {}

  void push(const Payload &payload, uint32_t ssrc = 1) {
    Packet packet;
    const auto owner = std::make_shared<Payload>(payload);
    packet.payload = *owner;
    packet.owner = owner;
    packet.cost = payload.size();
    packet.time = ++time;
    receiver.push(packet, ssrc);
  }
  void push(const std::vector<Payload> &payloads, uint32_t ssrc = 1) {
    for (const Payload &payload : payloads) push(payload, ssrc);
  }
  std::vector<uint32_t> ids() const {
    std::vector<uint32_t> all;
    for (const Unit &unit : units) all.push_back(unit.id);
    return all;
  }
  const ReceiverStats &stats() const { return receiver.stats(); }

  UnitReceiver receiver{*this};
  std::vector<Unit> units;
  std::vector<Loss> losses;
  bool accept = true;
  uint64_t time = 0;
};

using Ids = std::vector<uint32_t>;

}  // namespace

TEST(RtpFeatureReceiver, AnyOrderOfFragments) {
  const Payload unit = content(450, 1);
  std::vector<Payload> payloads = packets(5, unit);
  ASSERT_EQ(payloads.size(), 5u);
  std::sort(payloads.begin(), payloads.end());
  do {
    Receiver r;
    r.push(payloads);
    ASSERT_EQ(r.units.size(), 1u);
    EXPECT_EQ(r.units[0].bytes, unit);
    EXPECT_EQ(*r.units[0].configuration, kConfiguration);
    EXPECT_EQ(r.units[0].time, 1u);  // of the first packet that came
    EXPECT_EQ(r.receiver.reassembler().pending_bytes(), 0u);
  } while (std::next_permutation(payloads.begin(), payloads.end()));
}

TEST(RtpFeatureReceiver, UnitWithoutBytes) {
  Receiver r;
  r.push(packets(5, {}));
  Settings bare;
  bare.has_config = false;
  r.push(packets(6, {}, bare));
  EXPECT_EQ(r.ids(), (Ids{5, 6}));
}

TEST(RtpFeatureReceiver, IdsWrap) {
  Receiver r;
  for (uint32_t i = 0; i < 10; ++i) r.push(packets(0xfffffffb + i, content(250, i)));
  EXPECT_EQ(r.units.size(), 10u);
  EXPECT_TRUE(r.losses.empty());
  EXPECT_EQ(r.stats().restarts, 0u);
}

TEST(RtpFeatureReceiver, CountsWhatIsMissing) {
  Receiver r;
  r.push(packets(10, content(250, 0)));
  r.push(packets(12, content(250, 0))[1]);
  r.push(packets(15, content(250, 0)));
  EXPECT_EQ(r.ids(), (Ids{10, 15}));
  ASSERT_EQ(r.losses.size(), 1u);
  EXPECT_EQ(r.losses[0].units, 4u);
  EXPECT_EQ(r.losses[0].first, 11u);
  EXPECT_EQ(r.stats().damaged, 1u);
  EXPECT_EQ(r.stats().lost, 3u);
  EXPECT_EQ(r.stats().units_received, 3u);
  r.push(packets(12, content(250, 0)));  // too late
  EXPECT_EQ(r.stats().late, 3u);
  // At the end units that are not complete are damaged, those in between lost.
  r.push(packets(18, content(250, 0))[0]);
  r.receiver.finish();
  EXPECT_EQ(r.stats().damaged, 2u);
  EXPECT_EQ(r.stats().lost, 5u);
}

TEST(RtpFeatureReceiver, RepeatedFragments) {
  Receiver r;
  const auto payloads = packets(1, content(250, 0));
  r.push(payloads[0]);
  r.push(payloads[0]);
  r.push(payloads[1]);
  r.push(payloads[1]);
  r.push(payloads[2]);
  r.push(payloads[2]);
  EXPECT_EQ(r.units.size(), 1u);
  EXPECT_EQ(r.stats().duplicate, 2u);
  EXPECT_EQ(r.stats().late, 1u);
  EXPECT_EQ(r.stats().recovered, 0u);
}

TEST(RtpFeatureReceiver, FragmentsThatDisagreeDamageTheirUnit) {
  const auto good = packets(1, content(250, 0));
  struct Change {
    size_t byte;
    uint8_t value;
    size_t drop;  // bytes at the end
  };
  // Of the second fragment, 100 to 200: kind, configuration, size, offset.
  for (const Change &change : {Change{1, 1, 0}, Change{2, 9, 0}, Change{14, 1, 0},
                               Change{11, 99, 0}, Change{11, 101, 0}, Change{20, 0xee, 0}}) {
    Receiver r;
    Payload bad = good[1];
    bad[change.byte] = change.value;
    r.push(good[0]);
    r.push(bad);
    r.push(good[1]);
    r.push(good[2]);
    EXPECT_TRUE(r.units.empty()) << change.byte;
    r.push(packets(2, content(250, 0)));
    EXPECT_EQ(r.ids(), (Ids{2})) << change.byte;
    EXPECT_EQ(r.stats().damaged, 1u);
    EXPECT_EQ(r.losses.size(), 1u);
  }
}

TEST(RtpFeatureReceiver, ChecksumDecides) {
  Receiver r;
  auto payloads = packets(1, content(250, 0));
  payloads[1].back() ^= 1;
  r.push(payloads);
  EXPECT_TRUE(r.units.empty());
  EXPECT_EQ(r.stats().damaged, 1u);
  ASSERT_EQ(r.losses.size(), 1u);
  EXPECT_NE(r.losses[0].reason.find("checksum"), std::string::npos);
}

TEST(RtpFeatureReceiver, RefusedUnitsAreDamaged) {
  Receiver r;
  r.accept = false;
  r.push(packets(1, content(250, 0)));
  EXPECT_EQ(r.stats().complete, 0u);
  EXPECT_EQ(r.stats().damaged, 1u);
  EXPECT_EQ(r.losses.size(), 1u);
}

TEST(RtpFeatureReceiver, DescriptionsOfBefore) {
  Receiver r;
  Settings bare;
  bare.has_config = false;
  r.push(packets(1, content(50, 0), bare));
  EXPECT_EQ(r.stats().no_description, 1u);
  r.push(packets(2, content(50, 0)));
  r.push(packets(3, content(50, 0), bare));
  EXPECT_EQ(r.ids(), (Ids{2, 3}));
  EXPECT_EQ(r.units[0].configuration, r.units[1].configuration);  // the same object
  r.push(packets(4, content(50, 0)));
  EXPECT_EQ(r.units[0].configuration, r.units[2].configuration);
  bare.config_id = 2;
  r.push(packets(5, content(50, 0), bare));
  EXPECT_EQ(r.stats().no_description, 2u);
  // The id of before, but another description behind it: 256 changes later.
  bare.config_id = 1;
  bare.configuration = {0, 0, 0xa1};
  r.push(packets(6, content(50, 0), bare));
  EXPECT_EQ(r.stats().complete, 3u);
  EXPECT_EQ(r.stats().damaged, 1u);
}

TEST(RtpFeatureReceiver, DescriptionFromOutside) {
  Receiver r;
  r.receiver.set_configuration(UnitKind::kTensor, 1, kConfiguration);
  Settings bare;
  bare.has_config = false;
  r.push(packets(1, content(50, 0), bare));
  EXPECT_EQ(r.ids(), (Ids{1}));
}

TEST(RtpFeatureReceiver, RestartWithAnotherSsrc) {
  Receiver r;
  r.push(packets(100, content(250, 0)));
  r.push(packets(101, content(250, 0))[0]);
  r.push(packets(50, content(250, 0)), 2);
  Settings bare;
  bare.has_config = false;
  r.push(packets(51, content(250, 0), bare), 2);
  EXPECT_EQ(r.ids(), (Ids{100, 50, 51}));
  EXPECT_EQ(r.stats().restarts, 1u);
  EXPECT_EQ(r.stats().damaged, 1u);
  EXPECT_EQ(r.stats().lost, 0u);
}

TEST(RtpFeatureReceiver, RestartWithTheSameSsrc) {
  for (const uint32_t far :
       {UnitReceiver::kAhead + 2, uint32_t{0x80000000}, uint32_t{0xf0000000}}) {
    Receiver r;
    r.push(packets(100, content(250, 0)));
    r.push(packets(100 + far, content(250, 0))[0]);  // one packet restarts nothing
    r.push(packets(101, content(250, 0)));
    EXPECT_EQ(r.stats().restarts, 0u);
    r.push(packets(100 + far, content(250, 0)));
    r.push(packets(101 + far, content(250, 0)));
    EXPECT_EQ(r.ids(), (Ids{100, 101, 100 + far, 101 + far}));
    EXPECT_EQ(r.stats().restarts, 1u);
    EXPECT_EQ(r.stats().lost, 0u);
  }
}

TEST(RtpFeatureReceiver, WindowOfUnits) {
  // Ahead: units were lost. A little behind: late.
  Receiver r;
  r.push(packets(100000, content(250, 0)));
  r.push(packets(100000 + UnitReceiver::kAhead, content(250, 0)));
  r.push(packets(100000 + UnitReceiver::kAhead - UnitReceiver::kBehind, content(250, 0)));
  EXPECT_EQ(r.units.size(), 2u);
  EXPECT_EQ(r.stats().lost, UnitReceiver::kAhead - 1);
  EXPECT_EQ(r.stats().restarts, 0u);
  // A jump of somebody else's does not last.
  r.push(packets(100001, content(250, 0)));
  r.push(packets(100002, content(250, 0)));
  EXPECT_EQ(r.units.size(), 4u);
  EXPECT_EQ(r.stats().restarts, 1u);
}

TEST(RtpFeatureReceiver, FarUnitWithWrongChecksumRestartsNothing) {
  Receiver r;
  r.push(packets(100, content(250, 0)));
  auto bad = packets(0x80000000, content(250, 0));
  bad[0].back() ^= 1;
  r.push(bad);
  r.push(packets(101, content(250, 0)));
  EXPECT_EQ(r.ids(), (Ids{100, 101}));
  EXPECT_EQ(r.stats().restarts, 0u);
  EXPECT_EQ(r.stats().damaged, 1u);
}

TEST(RtpFeatureReceiver, Aggregates) {
  PacketHeader header;
  header.config_id = 1;
  header.has_config = true;
  header.unit_id = 0xffffffff;
  std::vector<Payload> contents = {content(5, 1), {}, content(9, 3)};
  std::vector<AggregateUnit> units;
  for (uint32_t i = 0; i < 3; ++i) {
    UnitCrc crc(header.kind, header.unit_id + i);
    crc.add(kConfiguration);
    crc.add(contents[i]);
    units.push_back({i * 9000, crc.value(), contents[i]});
  }
  const Payload good = write_aggregate(header, kConfiguration, units);
  Receiver r;
  r.push(good);
  r.push(good);
  ASSERT_EQ(r.ids(), (Ids{0xffffffff, 0, 1}));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(r.units[i].bytes, contents[i]);
    EXPECT_EQ(r.units[i].time, 1 + i * 100'000'000);
  }
  EXPECT_EQ(r.stats().late, 1u);
  // One wrong unit costs itself alone.
  Receiver other;
  Payload bad = good;
  bad.back() ^= 1;
  other.push(bad);
  EXPECT_EQ(other.ids(), (Ids{0xffffffff, 0}));
  EXPECT_EQ(other.stats().damaged, 1u);
}

TEST(RtpFeatureReceiver, LargestUnit) {
  Receiver r;
  Limits limits;
  limits.max_unit_size = 253;
  r.receiver.set_limits(limits);
  r.push(packets(1, content(250, 0)));
  r.push(packets(2, content(251, 0)));
  r.push(packets(3, content(250, 0)));
  EXPECT_EQ(r.ids(), (Ids{1, 3}));
  EXPECT_EQ(r.stats().damaged, 1u);
  ASSERT_EQ(r.losses.size(), 1u);
  EXPECT_NE(r.losses[0].reason.find("max-unit-size"), std::string::npos);
}

TEST(RtpFeatureReceiver, FloodOfAnnouncements) {
  // First fragments of 1 GiB each.
  Receiver r;
  Limits limits;
  limits.max_unit_size = kMaxTotalSize;
  limits.max_pending_bytes = 100000;
  limits.max_pending_units = 50;
  r.receiver.set_limits(limits);
  uint64_t most = 0;
  for (uint32_t i = 0; i < 20000; ++i) {
    r.push(announcement(i, kMaxTotalSize));
    most = std::max(most, r.receiver.reassembler().pending_bytes());
    ASSERT_LE(r.receiver.reassembler().units().size(), 50u);
  }
  EXPECT_LE(most, 50 * 1000u);
  EXPECT_GT(most, 0u);
  r.push(packets(20001, content(250, 0)));
  EXPECT_EQ(r.units.size(), 1u);
  EXPECT_EQ(r.stats().damaged, 20000u);
  EXPECT_EQ(r.stats().lost, 1u);
  // Ids in any order, so that many look like other senders.
  uint32_t id = 1;
  for (uint32_t i = 0; i < 20000; ++i) {
    id = id * 1664525 + 1013904223;
    r.push(announcement(id, kMaxTotalSize));
    ASSERT_LE(r.receiver.reassembler().pending_bytes(), 50 * 1000u);
  }
}

TEST(RtpFeatureReceiver, MemoryForPendingUnits) {
  Receiver r;
  Limits limits;
  limits.max_pending_bytes = 4000;
  limits.max_pending_units = 100;
  r.receiver.set_limits(limits);
  // Interleaved units, of which the oldest goes.
  const auto first = packets(1, content(900, 0));
  const auto second = packets(2, content(900, 0));
  for (size_t i = 0; i + 1 < first.size(); ++i) {
    r.push(first[i]);
    r.push(second[i]);
    ASSERT_LE(r.receiver.reassembler().pending_bytes(), 4000u);
  }
  r.push(first.back());
  r.push(second.back());
  EXPECT_EQ(r.ids(), (Ids{2}));
  EXPECT_EQ(r.stats().damaged, 1u);
  // A unit that needs more than there is goes by itself, and costs no other.
  r.push(packets(3, content(5000, 0)));
  r.push(packets(4, content(900, 0)));
  EXPECT_EQ(r.ids(), (Ids{2, 4}));
  EXPECT_EQ(r.stats().damaged, 2u);
  EXPECT_EQ(r.stats().lost, 0u);
  EXPECT_EQ(r.receiver.reassembler().pending_bytes(), 0u);
}

TEST(RtpFeatureReceiver, TinyFragmentsAreNotForFree) {
  Receiver r;
  Limits limits;
  limits.max_pending_bytes = 100000;
  r.receiver.set_limits(limits);
  Settings tiny;
  tiny.fragment = 1;
  const auto payloads = packets(1, content(5000, 0), tiny);
  for (size_t i = payloads.size(); i-- > 1;) {
    r.push(payloads[i]);
    const UnitReassembler &pending = r.receiver.reassembler();
    ASSERT_LE(pending.pending_bytes(), 100000u);
    for (const PendingUnit &unit : pending.units())
      ASSERT_LE(unit.pieces.size() * UnitReassembler::kPieceCost, 100000u);
  }
  EXPECT_EQ(r.stats().damaged, 1u);
}
