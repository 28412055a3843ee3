// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Packets of somebody who wants rtpfeaturedepay to fill the memory: how much of what they sent is
// held at a time, counted to the byte, and that a sender of features still gets through.

#include <atomic>
#include <random>

#include "gst/rtp/feature_payload.h"
#include "tests/check/rtpfeature-util.h"
#include "tests/rtp/units.h"

namespace {

using feat::rtp::FragmentHeader;

constexpr guint64 kPendingBytes = 1 << 20;
constexpr gsize kPacketOverhead = 12 + feat::rtp::kMaxFragmentHeaderSize;

// Bytes of packets that somebody still refers to.
std::atomic<gint64> held = 0;

GstBuffer *counted(const std::vector<guint8> &bytes) {
  const auto size = static_cast<gsize>(bytes.size());
  auto *data = static_cast<guint8 *>(g_memdup2(bytes.data(), size));
  held += static_cast<gint64>(size);
  struct Block {
    guint8 *data;
    gsize size;
  };
  const auto release = [](gpointer user_data) {
    auto *block = static_cast<Block *>(user_data);
    held -= static_cast<gint64>(block->size);
    g_free(block->data);
    delete block;
  };
  return gst_buffer_new_wrapped_full(static_cast<GstMemoryFlags>(0), data, size, 0, size,
                                     new Block{data, size}, release);
}

struct Attack {
  guint32 ssrc = 1;
  guint16 sequence = 0;

  GstBuffer *packet(const FragmentHeader &header, size_t content) {
    guint8 fixed[feat::rtp::kMaxFragmentHeaderSize];
    const size_t size =
        feat::rtp::write_fragment_header(header, static_cast<guint32>(content), fixed);
    std::vector<guint8> bytes(12);
    bytes[0] = 0x80;
    bytes[1] = 96;
    GST_WRITE_UINT16_BE(bytes.data() + 2, sequence++);
    GST_WRITE_UINT32_BE(bytes.data() + 8, ssrc);
    bytes.insert(bytes.end(), fixed, fixed + size);
    bytes.resize(bytes.size() + content, 0x55);
    return counted(bytes);
  }
};

FragmentHeader fragment(guint32 unit, guint32 offset, guint32 total) {
  FragmentHeader header;
  header.unit_id = unit;
  header.offset = offset;
  header.total_size = total;
  header.has_config = true;
  header.config_size = 20;
  return header;
}

// The receiver under attack, and the sender that it is there for.
class Siege {
 public:
  Siege() {
    pay_.caps(test::kUnitCaps);
    depay_.caps("application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE");
    feature();
  }

  void push(GstBuffer *packet) {
    receive(packet);
    most_ = std::max(most_, held.load());
  }
  // A feature comes through.
  void feature() {
    fail_unless_equals_int(pay_.push(test::make_unit(number_), number_ * GST_SECOND), GST_FLOW_OK);
    for (const feat::BufferPtr &packet : pay_.pull_all()) receive(counted(bytes_of(packet)));
    const Packets out = depay_.pull_all();
    fail_unless_equals_int(out.size(), 1);
    fail_unless(test::read_unit(bytes_of(out[0])) == number_);
    ++number_;
  }
  // Ends the attack.
  void end() {
    feature();
    depay_.event(gst_event_new_eos());
    fail_unless_equals_int(static_cast<int>(held.load()), 0);
  }
  // What was held of the attack at a time.
  gint64 most() const { return most_; }
  Unit &depay() { return depay_; }

 private:
  void receive(GstBuffer *packet) {
    fail_unless_equals_int(gst_harness_push(*depay_, packet), GST_FLOW_OK);
  }

  Unit pay_{"rtpfeaturepay config-interval=-1"};
  Unit depay_{"rtpfeaturedepay max-pending-bytes=1048576 max-pending-units=16"};
  guint32 number_ = 0;
  gint64 most_ = 0;
};

}  // namespace

// First fragments of ever other units, each announced as large as is allowed, or larger.
GST_START_TEST(test_huge_announced_sizes) {
  for (const guint32 total : {guint32{64} << 20, (guint32{64} << 20) + 1, guint32{1} << 30}) {
    Siege siege;
    Attack attack;
    const size_t content = 1000;
    for (guint32 unit = 0; unit < 4000; ++unit) {
      siege.push(attack.packet(fragment(unit, 0, total), content));
      if (unit == 2000) attack.ssrc++;
    }
    // As many units as may wait, and the packet that came.
    fail_unless(siege.most() <= static_cast<gint64>(17 * (content + kPacketOverhead)),
                "%" G_GINT64_FORMAT " bytes", siege.most());
    siege.end();
  }
}
GST_END_TEST

// One huge unit after the other, in pieces: one byte each, or the most that a packet holds.
GST_START_TEST(test_pieces_of_a_huge_unit) {
  for (const size_t content : {size_t{1}, size_t{1400}, size_t{60000}}) {
    Siege siege;
    Attack attack;
    std::mt19937 random(1);
    constexpr guint32 kTotal = guint32{64} << 20;
    for (guint32 i = 0; i < 4000; ++i) {
      const auto offset = static_cast<guint32>(random() % (kTotal / content) * content);
      siege.push(attack.packet(fragment(i / 1000, offset, kTotal), content));
    }
    fail_unless(siege.most() <= static_cast<gint64>(kPendingBytes + content + kPacketOverhead),
                "%" G_GINT64_FORMAT " bytes", siege.most());
    siege.end();
  }
}
GST_END_TEST

// Each packet of another sender: nothing of the one before it stays.
GST_START_TEST(test_ever_other_senders) {
  Siege siege;
  Attack attack;
  for (guint32 i = 0; i < 4000; ++i) {
    attack.ssrc = i;
    siege.push(attack.packet(fragment(i * 77777, 0, guint32{64} << 20), 1000));
  }
  fail_unless(siege.most() <= 2 * static_cast<gint64>(1400), "%" G_GINT64_FORMAT " bytes",
              siege.most());
  siege.end();
}
GST_END_TEST

// Random bytes behind a right RTP header.
GST_START_TEST(test_noise) {
  Siege siege;
  std::mt19937 random(2);
  for (guint32 i = 0; i < 10000; ++i) {
    std::vector<guint8> bytes(12 + random() % 200);
    for (guint8 &byte : bytes) byte = static_cast<guint8>(random());
    bytes[0] = 0x80;
    bytes[1] = 96;
    if (random() % 4 != 0 && bytes.size() > 12) bytes[12] = 0x10;  // a version that is known
    siege.push(counted(bytes));
  }
  fail_unless(siege.most() <= static_cast<gint64>(kPendingBytes + 1400), "%" G_GINT64_FORMAT,
              siege.most());
  fail_unless_equals_int(siege.depay().pull_all().size(), 0);
  siege.end();
}
GST_END_TEST

static Suite *rtpflood_suite() {
  Suite *s = suite_create("rtpflood");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_huge_announced_sizes);
  tcase_add_test(tc, test_pieces_of_a_huge_unit);
  tcase_add_test(tc, test_ever_other_senders);
  tcase_add_test(tc, test_noise);
  return s;
}

GST_CHECK_MAIN(rtpflood)
