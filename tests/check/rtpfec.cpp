// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Forward error correction (RFC 5109) around features: rtpulpfecenc behind the payloader,
// rtpulpfecdec ahead of the depayloader. The test does what rtpjitterbuffer does, without a clock:
// it puts packets in order and tells of those that are missing.

#include <deque>
#include <random>
#include <set>

#include "tests/check/rtpfeature-util.h"
#include "tests/rtp/tally.h"
#include "tests/rtp/units.h"

namespace {

constexpr guint kFecType = 122;

struct Path {
  const char *pay;
  const char *depay;
  const char *caps;
  guint32 units;
};
constexpr Path kPaths[] = {
    {"rtpfeaturepay pt=96 ssrc=7 config-interval=-1", "rtpfeaturedepay",
     "application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE, "
     "payload=96, ssrc=(uint)7",
     1000},
    {"featurepack ! vvcfeatenc lossless=true effort=0 threads=1 ! rtpvvcfeatpay pt=96 ssrc=7",
     "rtpvvcfeatdepay ! vvcfeatdec threads=1 ! featureunpack",
     "application/x-rtp, media=video, clock-rate=90000, encoding-name=H266, payload=96, "
     "ssrc=(uint)7",
     200},
};

// The receiver's side: keeps packets for the decoder, hands them on some packets later.
class Receiver {
 public:
  explicit Receiver(const Path &path) : depay_(path.depay) {
    GObject *kept = nullptr;
    g_object_get(storage_.element(), "internal-storage", &kept, nullptr);
    g_object_set(decoder_.element(), "storage", kept, "pt", kFecType, nullptr);
    g_object_unref(kept);
    for (Unit *unit : {&storage_, &decoder_, &depay_}) unit->caps(path.caps);
  }

  void push(const feat::BufferPtr &packet) {
    storage_.push(packet);
    for (feat::BufferPtr &stored : storage_.pull_all()) waiting_.push_back(std::move(stored));
    while (waiting_.size() > 32) hand_on();
  }
  void end() {
    while (!waiting_.empty()) hand_on();
  }
  std::set<guint32> units() {
    std::set<guint32> numbers;
    for (const feat::BufferPtr &buffer : depay_.pull_all()) {
      const auto number = test::read_unit(bytes_of(buffer));
      fail_unless(number.has_value(), "a tensor came out that did not go in");
      numbers.insert(*number);
    }
    return numbers;
  }
  guint recovered() {
    guint packets = 0;
    g_object_get(decoder_.element(), "recovered", &packets, nullptr);
    return packets;
  }

 private:
  void hand_on() {
    const feat::BufferPtr packet = std::move(waiting_.front());
    waiting_.pop_front();
    test::RtpPacket header;
    fail_unless(test::read_rtp(packet.get(), header));
    if (started_) {
      for (; next_ != header.sequence; ++next_) tell_lost(GST_BUFFER_PTS(packet.get()));
    }
    started_ = true;
    next_ = static_cast<guint16>(header.sequence + 1);
    decoder_.push(packet);
    pass();
  }
  void tell_lost(GstClockTime time) {
    decoder_.event(gst_event_new_custom(
        GST_EVENT_CUSTOM_DOWNSTREAM,
        gst_structure_new("GstRTPPacketLost", "seqnum", G_TYPE_UINT, guint{next_}, "timestamp",
                          G_TYPE_UINT64, time, "duration", G_TYPE_UINT64, guint64{0}, "retry",
                          G_TYPE_UINT, 0, nullptr)));
    pass();
  }
  void pass() {
    for (const feat::BufferPtr &packet : decoder_.pull_all()) depay_.push(packet);
  }

  Unit storage_{"rtpstorage size-time=2000000000"};
  Unit decoder_{"rtpulpfecdec"};
  Unit depay_;
  std::deque<feat::BufferPtr> waiting_;
  bool started_ = false;
  guint16 next_ = 0;
};

// The packets of each tensor.
std::vector<Packets> send(const Path &path, feat::CapsPtr &caps) {
  Unit pay(path.pay);
  pay.caps(test::kUnitCaps);
  std::vector<Packets> units;
  for (guint32 i = 0; i < path.units; ++i) {
    fail_unless_equals_int(pay.push(test::make_unit(i), i * 20 * GST_MSECOND), GST_FLOW_OK);
    units.push_back(pay.pull_all());
  }
  caps = pay.output_caps();
  return units;
}

// How many of the tensors arrive at a loss of 1 %.
size_t arrivals(const Path &path, const std::vector<Packets> &units, const feat::CapsPtr &caps,
                const char *encoder_properties, guint &recovered) {
  Unit encoder((std::string("rtpulpfecenc pt=122 ") + encoder_properties).c_str());
  gst_harness_set_src_caps(*encoder, gst_caps_ref(caps.get()));
  Receiver receiver(path);
  std::mt19937 random(5);
  std::set<guint32> untouched;
  for (guint32 i = 0; i < path.units; ++i) {
    bool whole = true;
    for (const feat::BufferPtr &packet : units[i]) encoder.push(packet);
    for (const feat::BufferPtr &packet : encoder.pull_all()) {
      if (random() % 100 != 0) {
        receiver.push(as_received(packet));
        continue;
      }
      test::RtpPacket header;
      fail_unless(test::read_rtp(packet.get(), header));
      if (header.payload_type != kFecType) whole = false;
    }
    if (whole) untouched.insert(i);
  }
  receiver.end();
  const std::set<guint32> arrived = receiver.units();
  recovered = receiver.recovered();
  fail_unless(std::includes(arrived.begin(), arrived.end(), untouched.begin(), untouched.end()),
              "tensors without a lost packet are missing");
  return arrived.size();
}

}  // namespace

GST_START_TEST(test_correction) {
  const Path &path = kPaths[__i__];
  const guint32 units = path.units;
  feat::CapsPtr caps;
  const std::vector<Packets> sent = send(path, caps);
  guint recovered = 0;
  const size_t without =
      arrivals(path, sent, caps, "percentage=0 percentage-important=0", recovered);
  fail_unless(without < units * 97 / 100, "%zu of %u without correction", without, units);
  fail_unless_equals_int(recovered, 0);
  const size_t with =
      arrivals(path, sent, caps, "percentage=30 percentage-important=30", recovered);
  fail_unless(with >= units * 99 / 100, "%zu of %u with correction", with, units);
  fail_unless(recovered >= with - without, "%u packets", recovered);
  g_print(
      "of %u tensors at 1 %% loss: %zu without correction, %zu with 30 %%, %u packets "
      "recovered\n",
      units, without, with, recovered);
}
GST_END_TEST

static Suite *rtpfec_suite() {
  Suite *s = suite_create("rtpfec");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_loop_test(tc, test_correction, 0, have_element("vvcfeatenc") ? 2 : 1);
  return s;
}

GST_CHECK_MAIN(rtpfec)
