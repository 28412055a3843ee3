// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/check/hyperprior_util.h"

using namespace test;

namespace {

constexpr int kWidth = 40;
constexpr int kHeight = 24;

std::vector<Bytes> described_units(int frames) {
  return encode_units(kWidth, kHeight, frames, make_info(kHeight, kWidth).get());
}

GstHarness *new_decoder(const std::string &properties = "", const char *caps = kHyperpriorCaps) {
  GstHarness *h = harness_of("hyperpriordec " + properties, false);
  gst_harness_set_src_caps_str(h, caps);
  return h;
}

GstFlowReturn push(GstHarness *h, const Bytes &bytes) {
  return gst_harness_push(h, buffer_of(bytes));
}

void end(GstHarness *h) {
  gst_harness_push_event(h, gst_event_new_eos());
}

int received(GstHarness *h) {
  return static_cast<int>(gst_harness_buffers_received(h));
}

// The next frame is the one that the codec makes of this unit.
void expect_frame(GstHarness *h, const Bytes &unit, const Bytes &file = tiny_file()) {
  GstBuffer *out = gst_harness_try_pull(h);
  fail_unless(out != nullptr);
  const auto info = unit_info(unit);
  fail_unless(samples_of(out, info.width, info.height, info.bit_depth, info.bit_depth <= 8) ==
              reference(unit, file));
  gst_buffer_unref(out);
}

int caps_events(GstHarness *h) {
  int count = 0;
  while (GstEvent *event = gst_harness_try_pull_event(h)) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) count++;
    gst_event_unref(event);
  }
  return count;
}

}  // namespace

GST_START_TEST(test_frames) {
  const auto units = described_units(3);
  GstHarness *h = new_decoder("", kHyperpriorUnitCaps);
  for (size_t i = 0; i < units.size(); i++) {
    GstBuffer *buffer = buffer_of(units[i]);
    GST_BUFFER_PTS(buffer) = i * GST_SECOND;
    fail_unless_equals_int(gst_harness_push(h, buffer), GST_FLOW_OK);
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), i * GST_SECOND);
    fail_unless(samples_of(out, kWidth, kHeight, 10) == reference(units[i]));
    gst_buffer_unref(out);
  }
  expect_info(h, make_info(kHeight, kWidth));
  fail_unless_equals_int(caps_events(h), 1);
  fail_unless_equals_uint64(stat(h, "units"), 3);
  fail_unless_equals_uint64(stat(h, "damaged"), 0);
  fail_unless_equals_uint64(stat(h, "points"), 3 * kWidth * kHeight);
  fail_unless_equals_uint64(stat(h, "bytes"), joined(units).size());
  fail_unless(stat_double(h, "synthesis-milliseconds") > 0);
  fail_unless(stat_double(h, "entropy-milliseconds") > 0);
  expect_equal(stat_string(h, "device"), "plain");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_arbitrary_chunks) {
  const auto units = described_units(3);
  const Bytes stream = joined(units);
  for (const size_t chunk : {size_t{1}, size_t{7}, size_t{100}, stream.size()}) {
    GstHarness *h = new_decoder();
    for (size_t at = 0; at < stream.size(); at += chunk) {
      const size_t n = std::min(chunk, stream.size() - at);
      fail_unless_equals_int(gst_harness_push(h, gst_buffer_new_memdup(stream.data() + at, n)),
                             GST_FLOW_OK);
    }
    end(h);
    fail_unless_equals_int(received(h), 3);
    for (const Bytes &unit : units) expect_frame(h, unit);
    fail_unless_equals_uint64(stat(h, "damaged"), 0);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// As behind filesrc.
GST_START_TEST(test_without_caps) {
  const auto units = described_units(2);
  GstHarness *h = harness_of("hyperpriordec", false);
  gst_harness_push_event(h, gst_event_new_stream_start("test"));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  gst_harness_push_event(h, gst_event_new_segment(&segment));
  push(h, joined(units));
  end(h);
  for (const Bytes &unit : units) expect_frame(h, unit);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_changes) {
  const Bytes a = described_units(1)[0];
  const Bytes b = encode_units(16, 9, 1, make_info(9, 16, 7).get(), 7)[0];
  const Bytes c = encode_units(16, 9, 1, nullptr, 16)[0];
  GstHarness *h = new_decoder();
  push(h, joined({a, b, b, c, a}));
  end(h);
  for (const Bytes &unit : {a, b, b, c, a}) expect_frame(h, unit);
  fail_unless_equals_int(caps_events(h), 4);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_description_from_caps) {
  const Bytes unit = encode_units(kWidth, kHeight, 1, nullptr, 16)[0];
  const auto with = [&](const InfoPtr &info) {
    GstCaps *caps = gst_caps_from_string(kHyperpriorUnitCaps);
    gst_feature_caps_set_info(caps, info.get());
    GstHarness *h = harness_of("hyperpriordec", false);
    gst_harness_set_src_caps(h, caps);
    push(h, unit);
    return h;
  };
  const InfoPtr fitting = make_info(kHeight, kWidth, 16);
  GstHarness *h = with(fitting);
  expect_frame(h, unit);
  expect_info(h, fitting);
  gst_harness_teardown(h);
  for (const auto &[rows, bits] : {std::pair{kHeight, 15U}, std::pair{kHeight + 1, 16U}}) {
    h = with(make_info(rows, kWidth, bits));
    fail_unless_equals_int(received(h), 0);
    fail_unless_equals_uint64(stat(h, "damaged"), 1);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_flush) {
  const auto units = described_units(2);
  GstHarness *h = new_decoder();
  Bytes half = units[0];
  half.resize(half.size() / 2);
  push(h, half);
  flush(h);
  push(h, units[1]);
  end(h);
  expect_frame(h, units[1]);
  fail_unless_equals_int(received(h), 1);
  fail_unless_equals_uint64(stat(h, "damaged"), 0);
  gst_harness_teardown(h);
}
GST_END_TEST

/* --- damage --- */

namespace {

// Between two whole units: what comes out for a damaged one, if anything, is right, and so are
// both.
class Damage {
 public:
  Damage() : whole_(described_units(3)) {
    for (int i = 0; i < 2; i++) frames_.push_back(reference(whole_[static_cast<size_t>(i)]));
  }
  const Bytes &unit() const { return whole_[2]; }

  void check(const Bytes &damaged, const char *what, size_t at) const {
    GstHarness *h = new_decoder();
    {
      Bus bus(h);
      push(h, joined({whole_[0], damaged, whole_[1]}));
      end(h);
      fail_unless(received(h) == 2, "%s %d: %d frames", what, static_cast<int>(at), received(h));
      for (const auto &frame : frames_) {
        GstBuffer *out = gst_harness_pull(h);
        fail_unless(samples_of(out, kWidth, kHeight, 10) == frame, "%s %d", what,
                    static_cast<int>(at));
        fail_unless(GST_BUFFER_FLAG_IS_SET(out, GST_BUFFER_FLAG_DISCONT));
        gst_buffer_unref(out);
      }
      expect_contains(bus.next(GST_MESSAGE_WARNING), "A unit was dropped: ");
      fail_unless(bus.next(GST_MESSAGE_ERROR).empty());
    }
    gst_harness_teardown(h);
  }

 private:
  std::vector<Bytes> whole_;
  std::vector<std::vector<guint16>> frames_;
};

}  // namespace

GST_START_TEST(test_flipped_bytes) {
  const Damage damage;
  for (size_t i = 0; i < damage.unit().size(); i += i < 64 ? 1 : 37) {
    Bytes damaged = damage.unit();
    damaged[i] ^= 0x41;
    damage.check(damaged, "byte", i);
  }
}
GST_END_TEST

GST_START_TEST(test_cut_units) {
  const Damage damage;
  for (size_t size = 1; size < damage.unit().size(); size += size < 64 ? 1 : 41) {
    Bytes damaged = damage.unit();
    damaged.resize(size);
    damage.check(damaged, "size", size);
  }
}
GST_END_TEST

GST_START_TEST(test_bytes_of_no_unit) {
  const Damage damage;
  damage.check(Bytes(1000, 'F'), "letters", 0);
  damage.check(Bytes(1000, 0), "zeros", 0);
}
GST_END_TEST

GST_START_TEST(test_cut_at_the_end) {
  const auto units = described_units(2);
  GstHarness *h = new_decoder();
  Bus bus(h);
  Bytes stream = joined(units);
  stream.pop_back();
  push(h, stream);
  end(h);
  expect_frame(h, units[0]);
  fail_unless_equals_int(received(h), 1);
  expect_contains(bus.next(GST_MESSAGE_WARNING), "the data ends within a unit");
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

// With alignment=unit a buffer is a unit, no more and no less.
GST_START_TEST(test_aligned_units) {
  const auto units = described_units(2);
  GstHarness *h = new_decoder("", kHyperpriorUnitCaps);
  Bus bus(h);
  push(h, joined({units[0], {0}}));
  expect_contains(
      bus.next(GST_MESSAGE_WARNING),
      std::to_string(units[0].size() + 1) + " bytes, its unit " + std::to_string(units[0].size()));
  Bytes cut = units[0];
  cut.pop_back();
  push(h, cut);
  fail_unless(!bus.next(GST_MESSAGE_WARNING).empty());
  push(h, units[1]);
  expect_frame(h, units[1]);
  fail_unless_equals_int(received(h), 1);
  fail_unless_equals_uint64(stat(h, "damaged"), 2);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_max_errors) {
  const Bytes unit = described_units(1)[0];
  Bytes damaged = unit;
  damaged.back() ^= 1;
  GstHarness *h = new_decoder("max-errors=1", kHyperpriorUnitCaps);
  fail_unless_equals_int(push(h, damaged), GST_FLOW_OK);
  fail_unless_equals_int(push(h, damaged), GST_FLOW_ERROR);
  gst_harness_teardown(h);
  h = new_decoder("", kHyperpriorUnitCaps);  // any number
  for (int i = 0; i < 30; i++) fail_unless_equals_int(push(h, damaged), GST_FLOW_OK);
  fail_unless_equals_int(push(h, unit), GST_FLOW_OK);
  expect_frame(h, unit);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_nothing_but_damage) {
  Bytes damaged = described_units(1)[0];
  damaged.back() ^= 1;
  GstHarness *h = new_decoder();
  Bus bus(h);
  push(h, damaged);
  end(h);
  expect_contains(bus.next(GST_MESSAGE_ERROR),
                  "The stream ends without a frame; all of its 1 units were dropped.");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_max_points) {
  const Bytes large = described_units(1)[0];
  const Bytes small = encode_units(16, 9, 1, nullptr)[0];
  for (const char *caps : {kHyperpriorCaps, kHyperpriorUnitCaps}) {
    GstHarness *h = new_decoder("max-points=959", caps);
    Bus bus(h);
    push(h, large);
    push(h, small);
    end(h);
    expect_frame(h, small);
    fail_unless_equals_int(received(h), 1);
    const std::string text = bus.next(GST_MESSAGE_WARNING);
    expect_contains(text, "960");
    expect_contains(text, "959");
    gst_harness_teardown(h);
  }
}
GST_END_TEST

/* --- models --- */

GST_START_TEST(test_another_model) {
  const Models models({"default", "other"});
  const auto units = described_units(3);
  const std::string wanted = id_of(Models::file("default"));
  const std::string set = id_of(Models::file("other"));
  GstHarness *h = new_decoder("model=other", kHyperpriorUnitCaps);
  Bus bus(h);
  // One may be damage, two are not.
  fail_unless_equals_int(push(h, units[0]), GST_FLOW_OK);
  const std::string warning = bus.next(GST_MESSAGE_WARNING);
  expect_contains(warning, wanted);
  expect_contains(warning, set);
  fail_unless_equals_int(push(h, units[1]), GST_FLOW_ERROR);
  expect_equal(bus.next(GST_MESSAGE_ERROR), "A unit was coded with the model " + wanted +
                                                "; the one that is set, other, is " + set + ".");
  fail_unless_equals_int(received(h), 0);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_missing_model) {
  Bytes unit;
  {
    const Models models({"default"});
    unit = described_units(1)[0];
  }
  const Models none({});
  GstHarness *h = new_decoder();
  Bus bus(h);
  push(h, unit);
  end(h);
  const std::string error = bus.next(GST_MESSAGE_ERROR);
  expect_contains(error, "The stream ends without a frame");
  expect_contains(error,
                  id_of(Models::file("default")) + ", which is not in " + none.folder().path());
  gst_harness_teardown(h);
}
GST_END_TEST

// Units say which model they need.
GST_START_TEST(test_models_of_the_search_path) {
  const Models models({"first", "second"});
  models.folder().write("text.hyperprior", {'t', 'e', 'x', 't'});
  const Bytes a = encode_units(16, 16, 1, nullptr, 10, "model=first")[0];
  const Bytes b = encode_units(16, 16, 1, nullptr, 10, "model=second")[0];
  GstHarness *h = new_decoder();
  push(h, joined({a, b, b, a}));
  end(h);
  for (const bool first : {true, false, false, true})
    expect_frame(h, first ? a : b, Models::file(first ? "first" : "second"));
  fail_unless_equals_uint64(stat(h, "damaged"), 0);
  gst_harness_teardown(h);
  // A model that another element has loaded need not be in the path.
  const Folder elsewhere;
  const std::string file = elsewhere.write("third", Models::file("third"));
  GstHarness *encoder = harness_of("hyperpriorenc model=" + file, false);
  gst_harness_set_src_caps(encoder, frame_caps("GRAY16_LE", 16, 16, nullptr).release());
  gst_harness_push(encoder, frame(content(16, 16, 10), 16, 16, 10));
  const Bytes c = pull_bytes(encoder);
  h = new_decoder();
  push(h, c);
  end(h);
  expect_frame(h, c, Models::file("third"));
  gst_harness_teardown(h);
  gst_harness_teardown(encoder);
}
GST_END_TEST

GST_START_TEST(test_device_that_is_not_there) {
  const Bytes unit = described_units(1)[0];
  GstHarness *h = new_decoder("device=cuda:9", kHyperpriorUnitCaps);
  Bus bus(h);
  fail_unless_equals_int(push(h, unit), GST_FLOW_ERROR);
  expect_contains(bus.next(GST_MESSAGE_ERROR), "device=cuda:9");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_entropy_device) {
  const Bytes unit = described_units(1)[0];
  const Variable plain(kBackendVariable, g_getenv("PLAIN_HYPERPRIOR_BACKEND"));
  for (const char *device : {"auto", "cpu"}) {
    GstHarness *h = new_decoder(("device=" + std::string(device)).c_str(), kHyperpriorUnitCaps);
    fail_unless_equals_int(push(h, unit), GST_FLOW_OK);
    expect_equal(stat_string(h, "entropy-device"), *device == 'a' ? "plain" : "cpu");
    gst_harness_teardown(h);
  }
}
GST_END_TEST

static Suite *hyperpriordec_suite(void) {
  Suite *s = suite_create("hyperpriordec");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_frames);
  tcase_add_test(tc, test_arbitrary_chunks);
  tcase_add_test(tc, test_without_caps);
  tcase_add_test(tc, test_changes);
  tcase_add_test(tc, test_description_from_caps);
  tcase_add_test(tc, test_flush);
  tcase_add_test(tc, test_flipped_bytes);
  tcase_add_test(tc, test_cut_units);
  tcase_add_test(tc, test_bytes_of_no_unit);
  tcase_add_test(tc, test_cut_at_the_end);
  tcase_add_test(tc, test_aligned_units);
  tcase_add_test(tc, test_max_errors);
  tcase_add_test(tc, test_nothing_but_damage);
  tcase_add_test(tc, test_max_points);
  tcase_add_test(tc, test_another_model);
  tcase_add_test(tc, test_missing_model);
  tcase_add_test(tc, test_models_of_the_search_path);
  tcase_add_test(tc, test_device_that_is_not_there);
  tcase_add_test(tc, test_entropy_device);
  return s;
}

GST_CHECK_MAIN(hyperpriordec)
