// SPDX-License-Identifier: LGPL-2.1-or-later
// The bytes of docs/rtp-payload.md, written and read.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gst/rtp/feature_configuration.h"
#include "gst/rtp/feature_payload.h"

using namespace feat::rtp;

namespace {

using Payload = std::vector<uint8_t>;

Payload fragment(const FragmentHeader &header, const Payload &content) {
  uint8_t head[kMaxFragmentHeaderSize];
  const size_t size = write_fragment_header(header, static_cast<uint32_t>(content.size()), head);
  Payload payload(head, head + size);
  payload.insert(payload.end(), content.begin(), content.end());
  return payload;
}

FragmentHeader example() {
  FragmentHeader header;
  header.kind = UnitKind::kHyperprior;
  header.config_id = 0xab;
  header.unit_id = 0x01020304;
  header.total_size = 3;
  header.crc = 0x11223344;
  return header;
}

// nullptr or what is wrong with a fragment.
const char *fault(const Payload &payload) {
  FragmentHeader header;
  Bytes content;
  return read_fragment(payload, header, content);
}

const char *aggregate_fault(const Payload &payload) {
  AggregateHeader header;
  std::vector<AggregateUnit> units;
  return read_aggregate(payload, header, units);
}

}  // namespace

TEST(RtpFeaturePayload, BytesOfAFragment) {
  const Payload whole = fragment(example(), {7, 8, 9});
  EXPECT_EQ(whole, (Payload{0x1c, 2, 0xab, 0, 1,    2,    3,    4,    0, 0, 0, 0,
                            0,    0, 0,    3, 0x11, 0x22, 0x33, 0x44, 7, 8, 9}));
  FragmentHeader header = example();
  header.has_config = true;
  header.config_size = 2;
  EXPECT_EQ(fragment(header, {7}), (Payload{0x1a, 2, 0xab, 0,    1,    2,    3,    4, 0, 0, 0, 0, 0,
                                            0,    0, 3,    0x11, 0x22, 0x33, 0x44, 0, 0, 0, 2, 7}));
  header.offset = 1;
  EXPECT_EQ(fragment(header, {8, 9}),
            (Payload{0x16, 2, 0xab, 0, 1, 2, 3, 4, 0, 0, 0, 1, 0, 0, 0, 3, 8, 9}));
}

TEST(RtpFeaturePayload, FragmentRoundTrip) {
  for (const bool has_config : {false, true}) {
    for (const uint32_t offset : {0u, 1u, 1000u}) {
      FragmentHeader in = example();
      in.has_config = has_config;
      in.offset = offset;
      in.total_size = kMaxTotalSize;
      if (in.first() && has_config) in.config_size = 77;
      const Payload payload = fragment(in, {1, 2});
      FragmentHeader out;
      Bytes content;
      ASSERT_EQ(read_fragment(payload, out, content), nullptr);
      EXPECT_EQ(out.kind, in.kind);
      EXPECT_EQ(out.config_id, in.config_id);
      EXPECT_EQ(out.unit_id, in.unit_id);
      EXPECT_EQ(out.offset, in.offset);
      EXPECT_EQ(out.total_size, in.total_size);
      EXPECT_EQ(out.has_config, has_config);
      EXPECT_EQ(out.config_size, in.config_size);
      EXPECT_EQ(out.crc, offset == 0 ? in.crc : 0);
      EXPECT_EQ(Payload(content.begin(), content.end()), (Payload{1, 2}));
    }
  }
}

TEST(RtpFeaturePayload, UnitWithoutBytes) {
  FragmentHeader header = example();
  header.total_size = 0;
  EXPECT_EQ(fault(fragment(header, {})), nullptr);
}

TEST(RtpFeaturePayload, HostileFragments) {
  const Payload good = fragment(example(), {7, 8, 9});
  ASSERT_EQ(fault(good), nullptr);
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(fault({good.begin(), good.begin() + static_cast<ptrdiff_t>(size)}), nullptr) << size;
  const auto with = [&good](size_t at, std::initializer_list<uint8_t> bytes) {
    Payload payload = good;
    std::copy(bytes.begin(), bytes.end(), payload.begin() + static_cast<ptrdiff_t>(at));
    return payload;
  };
  const struct {
    Payload payload;
    const char *fault;
  } cases[] = {
      {with(0, {0x0c}), "version"},
      {with(0, {0x2c}), "version"},
      {with(0, {0xfc}), "version"},
      {with(0, {0x14}), "first fragments"},
      {with(0, {0x18}), "last fragments"},
      {with(0, {0x1d}), "aggregate"},
      {with(0, {0x1e}), "header"},  // a configuration that the payload is too short for
      {with(1, {4}), "kind"},
      {with(8, {0, 0, 0, 1}), "first fragments"},
      {with(12, {0x40, 0, 0, 1}), "1 GiB"},
      {with(12, {0xff, 0xff, 0xff, 0xff}), "1 GiB"},
      {with(12, {0, 0, 0, 2}), "beyond the end"},
      {with(12, {0, 0, 0, 4}), "last fragments"},
  };
  for (const auto &c : cases) {
    const char *actual = fault(c.payload);
    ASSERT_NE(actual, nullptr) << c.fault;
    EXPECT_NE(std::string(actual).find(c.fault), std::string::npos) << actual;
  }
  // Offset and size that overflow 32 bits together.
  FragmentHeader late = example();
  late.offset = 0xffffffff;
  late.total_size = 1;
  EXPECT_STREQ(fault(fragment(late, {1, 2})), "the fragment reaches beyond the end of its unit");
  // More configuration than unit, and more than there may be.
  FragmentHeader config = example();
  config.has_config = true;
  config.config_size = 4;
  EXPECT_NE(fault(fragment(config, {7, 8, 9})), nullptr);
  config.total_size = kMaxTotalSize;
  config.config_size = kMaxConfigurationSize + 1;
  EXPECT_NE(fault(fragment(config, {7, 8, 9})), nullptr);
  config.config_size = kMaxConfigurationSize;
  EXPECT_EQ(fault(fragment(config, {7, 8, 9})), nullptr);
}

TEST(RtpFeaturePayload, BytesOfAnAggregate) {
  PacketHeader header;
  header.kind = UnitKind::kCoded;
  header.config_id = 5;
  header.unit_id = 0x01020304;
  header.has_config = true;
  const Payload configuration = {0xc0, 0xc1};
  const Payload a = {1, 2, 3};
  const AggregateUnit units[] = {{0, 0x11111111, a}, {90000, 0x22222222, {}}};
  const Payload payload = write_aggregate(header, configuration, units);
  EXPECT_EQ(payload, (Payload{0x1f, 3, 5,    2,    1,    2,    3,    4,    0, 2, 0xc0, 0xc1,     //
                              0,    0, 0,    0,    0x11, 0x11, 0x11, 0x11, 0, 3, 1,    2,    3,  //
                              0,    1, 0x5f, 0x90, 0x22, 0x22, 0x22, 0x22, 0, 0}));
  AggregateHeader out;
  std::vector<AggregateUnit> read;
  ASSERT_EQ(read_aggregate(payload, out, read), nullptr);
  EXPECT_EQ(out.unit_id, header.unit_id);
  EXPECT_EQ(out.configuration.size(), 2u);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].time_offset, 90000u);
  EXPECT_EQ(read[1].crc, 0x22222222u);
  EXPECT_EQ(Payload(read[0].bytes.begin(), read[0].bytes.end()), a);
}

TEST(RtpFeaturePayload, HostileAggregates) {
  PacketHeader header;
  header.has_config = true;
  const Payload configuration = {0, 0};
  const Payload a = {1, 2, 3};
  const AggregateUnit units[] = {{0, 1, a}, {1, 2, a}};
  const Payload good = write_aggregate(header, configuration, units);
  ASSERT_EQ(aggregate_fault(good), nullptr);
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(aggregate_fault({good.begin(), good.begin() + static_cast<ptrdiff_t>(size)}),
              nullptr);
  Payload longer = good;
  longer.push_back(0);
  EXPECT_STREQ(aggregate_fault(longer), "there are bytes behind the last unit of the aggregate");
  Payload none = good;
  none[3] = 0;
  EXPECT_STREQ(aggregate_fault(none), "the aggregate has no units");
  Payload fragment_flags = good;
  fragment_flags[0] = 0x13;
  EXPECT_NE(aggregate_fault(fragment_flags), nullptr);
}

TEST(RtpFeaturePayload, Crc) {
  // Of the head and the bytes, however they are cut.
  UnitCrc all(UnitKind::kH266, 0x02030405);
  const Payload bytes = {'a', 'b', 'c'};
  all.add(bytes);
  UnitCrc parts(UnitKind::kH266, 0x02030405);
  parts.add(Bytes(bytes).first(1));
  parts.add({});
  parts.add(Bytes(bytes).subspan(1));
  EXPECT_EQ(parts.value(), all.value());
  EXPECT_EQ(all.value(), 0xb0b87252u);  // of 01 02 03 04 05 61 62 63
  UnitCrc other(UnitKind::kH266, 0x02030406);
  other.add(bytes);
  EXPECT_NE(other.value(), all.value());
}

TEST(RtpFeatureConfiguration, RoundTrip) {
  StreamFacts in;
  in.framerate = {30000, 1001};
  in.pixel_aspect_ratio = {1, 1};
  in.width = 1536;
  in.height = 257;
  in.profile = "main-10";
  in.tier = "main";
  in.level = "4.1";
  in.chroma_format = "4:0:0";
  in.bit_depth_luma = 10;
  in.bit_depth_chroma = 8;
  const Payload description = {0xa0};
  const Payload bytes = write_configuration(in, description);
  StreamFacts out;
  Bytes rest;
  ASSERT_EQ(read_configuration(bytes, out, rest), nullptr);
  EXPECT_EQ(out.framerate.numerator, 30000u);
  EXPECT_EQ(out.framerate.denominator, 1001u);
  EXPECT_EQ(out.width, 1536u);
  EXPECT_EQ(out.height, 257u);
  EXPECT_EQ(out.profile, in.profile);
  EXPECT_EQ(out.tier, in.tier);
  EXPECT_EQ(out.level, in.level);
  EXPECT_EQ(out.chroma_format, in.chroma_format);
  EXPECT_EQ(out.bit_depth_luma, 10u);
  EXPECT_EQ(out.bit_depth_chroma, 8u);
  EXPECT_EQ(Payload(rest.begin(), rest.end()), description);
  for (size_t size = 0; size + description.size() < bytes.size(); ++size)
    EXPECT_NE(read_configuration(Bytes(bytes).first(size), out, rest), nullptr) << size;
}

TEST(RtpFeatureConfiguration, Empty) {
  const Payload bytes = write_configuration({}, {});
  EXPECT_EQ(bytes, (Payload{0, 0}));
  StreamFacts facts;
  Bytes rest;
  EXPECT_EQ(read_configuration(bytes, facts, rest), nullptr);
  EXPECT_TRUE(rest.empty());
}

TEST(RtpFeatureConfiguration, UnknownFactsArePassedOver) {
  const Payload bytes = {0, 5, 200, 3, 1, 2, 3, 0xa0};
  StreamFacts facts;
  Bytes rest;
  EXPECT_EQ(read_configuration(bytes, facts, rest), nullptr);
  EXPECT_EQ(rest.size(), 1u);
}

TEST(RtpFeatureConfiguration, Hostile) {
  const Payload cases[] = {
      {0, 1, 1},                                    // half a head
      {0, 3, 1, 8, 0},                              // shorter than its length
      {0, 4, 3, 2, 0, 8},                           // a number of two bytes
      {0, 6, 3, 4, 0, 0, 0, 0},                     // a width of 0
      {0, 6, 3, 4, 0x80, 0, 0, 0},                  // beyond int
      {0, 10, 1, 8, 0, 0, 0, 1, 0, 0, 0, 0},        // division by zero
      {0, 10, 2, 8, 0, 0, 0, 0, 0, 0, 0, 1},        // pixels of no width
      {0, 3, 5, 1, ';'},                            // not a name
      {0, 2, 5, 0},                                 // no name
      {0, 12, 4, 4, 0, 0, 0, 1, 3, 4, 0, 0, 0, 1},  // out of order
      {0, 12, 3, 4, 0, 0, 0, 1, 3, 4, 0, 0, 0, 1},  // twice
  };
  for (const Payload &bytes : cases) {
    StreamFacts facts;
    Bytes rest;
    EXPECT_NE(read_configuration(bytes, facts, rest), nullptr) << ::testing::PrintToString(bytes);
  }
  StreamFacts facts;
  Bytes rest;
  EXPECT_NE(read_configuration(Payload(kMaxConfigurationSize + 1), facts, rest), nullptr);
  Payload longest(kMaxConfigurationSize);
  EXPECT_EQ(read_configuration(longest, facts, rest), nullptr);
}
