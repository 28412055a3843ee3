// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Features encrypted with SRTP and DTLS-SRTP: they come through, and nothing does that was sent
// with another key, changed or repeated on the way.

#include <atomic>
#include <cstdio>

#include "tests/check/rtpfeature-util.h"
#include "tests/rtp/units.h"

namespace {

constexpr char kKey[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d";
constexpr char kOtherKey[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1e";
constexpr guint32 kUnits = 10;

feat::CapsPtr srtp_caps(const char *key) {
  const std::string text =
      std::string(
          "application/x-srtp, media=application, clock-rate=90000, encoding-name=X-FEATURE, "
          "payload=96, ssrc=(uint)7, roc=(uint)0, srtp-cipher=aes-128-icm, srtp-auth=hmac-sha1-80, "
          "srtcp-cipher=aes-128-icm, srtcp-auth=hmac-sha1-80, srtp-key=(buffer)") +
      key;
  return feat::CapsPtr(gst_caps_from_string(text.c_str()));
}

GstHarness *srtp_element(const char *description, const char *sink, const char *src) {
  GstElement *element = gst_parse_launch(description, nullptr);
  fail_unless(element != nullptr, "%s", description);
  gst_object_ref_sink(element);
  GstHarness *h = gst_harness_new_with_element(element, sink, src);
  gst_object_unref(element);
  return h;
}

// Encrypted packets of features.
Packets encrypt(const char *key) {
  Unit pay("rtpfeaturepay pt=96 ssrc=7 seqnum-offset=1 config-interval=-1 mtu=1300");
  pay.caps(test::kUnitCaps);
  GstHarness *encoder =
      srtp_element((std::string("srtpenc key=") + key).c_str(), "rtp_sink_0", "rtp_src_0");
  Packets packets;
  for (guint32 i = 0; i < kUnits; ++i) {
    fail_unless_equals_int(pay.push(test::make_unit(i), i * GST_SECOND), GST_FLOW_OK);
    if (i == 0) gst_harness_set_src_caps(encoder, pay.output_caps().release());
    for (feat::BufferPtr &packet : pay.pull_all()) {
      fail_unless_equals_int(gst_harness_push(encoder, packet.release()), GST_FLOW_OK);
    }
    while (GstBuffer *packet = gst_harness_try_pull(encoder)) {
      packets.push_back(as_received(feat::BufferPtr(packet)));
    }
  }
  gst_harness_teardown(encoder);
  return packets;
}

// A receiver with a key.
class Receiver {
 public:
  explicit Receiver(const char *key) : decoder_(srtp_element("srtpdec", "rtp_sink", "rtp_src")) {
    gst_harness_set_src_caps(decoder_, srtp_caps(key).release());
    depay_.caps("application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE");
  }
  ~Receiver() { gst_harness_teardown(decoder_); }
  Receiver(const Receiver &) = delete;
  Receiver &operator=(const Receiver &) = delete;

  void push(const feat::BufferPtr &packet) {
    fail_unless_equals_int(gst_harness_push(decoder_, gst_buffer_copy_deep(packet.get())),
                           GST_FLOW_OK);
    while (GstBuffer *clear = gst_harness_try_pull(decoder_)) {
      depay_.push(feat::BufferPtr(clear));
    }
  }
  std::vector<guint32> units() {
    std::vector<guint32> numbers;
    for (const feat::BufferPtr &buffer : depay_.pull_all()) {
      const auto number = test::read_unit(bytes_of(buffer));
      fail_unless(number.has_value(), "a tensor came out that did not go in");
      numbers.push_back(*number);
    }
    return numbers;
  }
  // Packets that reached the depayloader.
  guint64 packets() { return depay_.stat("packets"); }
  guint dropped() {
    GstStructure *stats = nullptr;
    g_object_get(decoder_->element, "stats", &stats, nullptr);
    guint count = 0;
    fail_unless(gst_structure_get_uint(stats, "recv-drop-count", &count));
    gst_structure_free(stats);
    return count;
  }

 private:
  GstHarness *decoder_;
  Unit depay_{"rtpfeaturedepay"};
};

std::vector<guint32> all() {
  std::vector<guint32> numbers(kUnits);
  for (guint32 i = 0; i < kUnits; ++i) numbers[i] = i;
  return numbers;
}

}  // namespace

GST_START_TEST(test_srtp) {
  Receiver receiver(kKey);
  for (const feat::BufferPtr &packet : encrypt(kKey)) {
    // What a third party sees says nothing of the description.
    const std::vector<guint8> bytes = bytes_of(packet);
    const auto clear = test::make_unit(0);
    fail_unless(std::search(bytes.begin(), bytes.end(), clear.begin() + 100, clear.begin() + 116) ==
                bytes.end());
    receiver.push(packet);
  }
  fail_unless(receiver.units() == all());
  fail_unless_equals_int(receiver.dropped(), 0);
}
GST_END_TEST

GST_START_TEST(test_srtp_with_another_key) {
  Receiver receiver(kOtherKey);
  const Packets packets = encrypt(kKey);
  for (const feat::BufferPtr &packet : packets) receiver.push(packet);
  fail_unless(receiver.units().empty());
  fail_unless_equals_uint64(receiver.packets(), 0);
  fail_unless_equals_int(receiver.dropped(), packets.size());
}
GST_END_TEST

// Unencrypted packets to a receiver that has a key.
GST_START_TEST(test_srtp_expected) {
  Receiver receiver(kKey);
  Unit pay("rtpfeaturepay pt=96 ssrc=7 config-interval=-1");
  pay.caps(test::kUnitCaps);
  pay.push(test::make_unit(0), 0);
  for (const feat::BufferPtr &packet : pay.pull_all()) receiver.push(packet);
  fail_unless(receiver.units().empty());
  fail_unless_equals_uint64(receiver.packets(), 0);
}
GST_END_TEST

// Each packet also changed in a bit, and once more as it was.
GST_START_TEST(test_srtp_changed_and_repeated) {
  Receiver receiver(kKey);
  size_t at = 0;
  const Packets packets = encrypt(kKey);
  for (const feat::BufferPtr &packet : packets) {
    std::vector<guint8> changed = bytes_of(packet);
    at = (at + 37) % (8 * (changed.size() - 12));
    changed[12 + at / 8] ^= static_cast<guint8>(1U << (at % 8));
    receiver.push(feat::BufferPtr(gst_buffer_new_memdup(changed.data(), changed.size())));
    receiver.push(packet);
    receiver.push(packet);
  }
  fail_unless(receiver.units() == all());
  fail_unless_equals_uint64(receiver.packets(), packets.size());
}
GST_END_TEST

namespace {

// Sender and receiver with DTLS between them, in one pipeline.
class DtlsSession {
 public:
  DtlsSession() : pipeline_(gst_parse_launch(kDescription, nullptr)) {
    fail_unless(pipeline_ != nullptr);
  }
  ~DtlsSession() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(pipeline_);
  }
  DtlsSession(const DtlsSession &) = delete;
  DtlsSession &operator=(const DtlsSession &) = delete;

  GstElement *find(const char *name) {
    GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline_), name);
    fail_unless(element != nullptr, "%s", name);
    gst_object_unref(element);  // the pipeline has it
    return element;
  }
  std::string text(const char *element, const char *property) {
    gchar *value = nullptr;
    g_object_get(find(element), property, &value, nullptr);
    const feat::CharPtr owned(value);
    return value != nullptr ? value : "";
  }
  void play() {
    fail_unless(gst_element_set_state(pipeline_, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE);
  }
  void push(guint32 number) {
    const std::vector<guint8> bytes = test::make_unit(number);
    GstBuffer *buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer) = number * 10 * GST_MSECOND;
    GstFlowReturn flow = GST_FLOW_ERROR;
    g_signal_emit_by_name(find("src"), "push-buffer", buffer, &flow);
    gst_buffer_unref(buffer);
    fail_unless_equals_int(flow, GST_FLOW_OK);
  }
  // The next tensor that comes out, -1 if there is none for so long.
  gint64 pull(GstClockTime patience) {
    GstSample *sample = nullptr;
    g_signal_emit_by_name(find("sink"), "try-pull-sample", patience, &sample);
    if (sample == nullptr) return -1;
    const feat::BufferPtr buffer(gst_buffer_ref(gst_sample_get_buffer(sample)));
    gst_sample_unref(sample);
    const auto number = test::read_unit(bytes_of(buffer));
    fail_unless(number.has_value(), "a tensor came out that did not go in");
    return *number;
  }
  guint64 packets_at_the_depayloader() {
    GstStructure *stats = nullptr;
    g_object_get(find("depay"), "stats", &stats, nullptr);
    guint64 packets = 0;
    gst_structure_get_uint64(stats, "packets", &packets);
    gst_structure_free(stats);
    return packets;
  }

 private:
  static constexpr char kDescription[] =
      "appsrc name=src is-live=true format=time "
      "caps=\"application/x-feature-tensor, format=U16LE, shape=<1,1,64,64>, bit-depth=10, "
      "range-min=<-20.0>, range-max=<20.0>, rounding=nearest, source-format=F32LE\" "
      "! rtpfeaturepay pt=96 config-interval=-1 mtu=1300 ! senc.rtp_sink_0 "
      "dtlssrtpenc name=senc is-client=true connection-id=rtpsecurity-sender "
      "! queue ! identity name=wire "
      "! dtlssrtpdec name=rdec connection-id=rtpsecurity-receiver "
      "rdec.rtp_src ! application/x-rtp, media=application, clock-rate=90000, "
      "encoding-name=X-FEATURE, payload=96 "
      "! rtpfeaturedepay name=depay ! appsink name=sink sync=false async=false "
      "dtlssrtpenc name=renc connection-id=rtpsecurity-receiver ! queue "
      "! dtlssrtpdec name=sdec connection-id=rtpsecurity-sender ! fakesink async=false";

  GstElement *pipeline_;
};

// DTLS is told from SRTP by its first byte (RFC 7983).
bool is_srtp(GstBuffer *buffer) {
  guint8 first = 0;
  return gst_buffer_extract(buffer, 0, &first, 1) == 1 && first >= 128 && first < 192;
}

std::atomic<guint> changed_packets = 0;

GstPadProbeReturn change(GstPad *, GstPadProbeInfo *info, gpointer) {
  if (!is_srtp(gst_pad_probe_info_get_buffer(info))) return GST_PAD_PROBE_OK;
  GstBuffer *buffer = gst_buffer_copy_deep(gst_pad_probe_info_get_buffer(info));
  {
    const feat::MappedBuffer map(buffer, GST_MAP_READWRITE);
    map.data()[map.size() / 2] ^= 1;
  }
  gst_buffer_unref(gst_pad_probe_info_get_buffer(info));
  info->data = buffer;
  changed_packets++;
  return GST_PAD_PROBE_OK;
}

}  // namespace

// What is sent before the keys are there waits or is lost; then features come through, and each
// side knows the other's certificate.
GST_START_TEST(test_dtls) {
  DtlsSession session;
  session.play();
  gint64 got = -1;
  guint32 sent = 0;
  for (int i = 0; i < 600 && got < 0; ++i) {
    session.push(sent++);
    got = session.pull(100 * GST_MSECOND);
  }
  fail_unless(got >= 0, "nothing came through in a minute");
  const guint32 first = sent;
  for (guint32 i = 0; i < kUnits; ++i) session.push(sent++);
  while (got + 1 < static_cast<gint64>(sent)) {
    const gint64 next = session.pull(60 * GST_SECOND);
    fail_unless(next > got, "%" G_GINT64_FORMAT " behind %" G_GINT64_FORMAT, next, got);
    fail_unless(got + 1 < first || next == got + 1);
    got = next;
  }
  // The certificates of the handshake are those that the sides have.
  const std::string sender = session.text("sdec", "pem");
  const std::string receiver = session.text("rdec", "pem");
  fail_unless(!sender.empty() && !receiver.empty());
  fail_unless(session.text("rdec", "peer-pem") == sender);
  fail_unless(session.text("sdec", "peer-pem") == receiver);
}
GST_END_TEST

GST_START_TEST(test_dtls_changed) {
  DtlsSession session;
  GstPad *wire = gst_element_get_static_pad(session.find("wire"), "src");
  gst_pad_add_probe(wire, GST_PAD_PROBE_TYPE_BUFFER, change, nullptr, nullptr);
  gst_object_unref(wire);
  session.play();
  for (guint32 i = 0; i < 600 && changed_packets < 50; ++i) {
    session.push(i);
    fail_unless(session.pull(100 * GST_MSECOND) < 0, "a changed packet was taken");
  }
  fail_unless(changed_packets >= 50, "%u packets in a minute", changed_packets.load());
  fail_unless_equals_uint64(session.packets_at_the_depayloader(), 0);
}
GST_END_TEST

static Suite *rtpsecurity_suite() {
  Suite *s = suite_create("rtpsecurity");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_srtp);
  tcase_add_test(tc, test_srtp_with_another_key);
  tcase_add_test(tc, test_srtp_expected);
  tcase_add_test(tc, test_srtp_changed_and_repeated);
  tcase_add_test(tc, test_dtls);
  tcase_add_test(tc, test_dtls_changed);
  return s;
}

int main(int argc, char **argv) {
  gst_check_init(&argc, &argv);
  for (const char *name : {"srtpenc", "srtpdec", "dtlssrtpenc", "dtlssrtpdec"}) {
    GstElementFactory *factory = gst_element_factory_find(name);
    if (factory == nullptr) {
      std::printf("there is no element %s (gstreamer1.0-plugins-bad)\n", name);
      return 77;
    }
    gst_object_unref(factory);
  }
  return gst_check_run_suite(rtpsecurity_suite(), "rtpsecurity", __FILE__);
}
