// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/check/featurecodec_util.h"

#include <gst/base/gsttypefindhelper.h>

using namespace test;

namespace {

GstHarness *new_decoder(const char *caps = kCodedCaps, const std::string &properties = "",
                        bool live = true) {
  GstHarness *h = harness_of("featuredec " + properties, live);
  gst_harness_set_src_caps_str(h, caps);
  return h;
}

int received(GstHarness *h) {
  return static_cast<int>(gst_harness_buffers_received(h));
}

// The next tensor that came out is this one.
void expect(GstHarness *h, const GstFeatureInfo *info, unsigned seed) {
  fail_unless(pull(h) == tensor_bytes(info, seed), "not the tensor of seed %u", seed);
}

void push_in_pieces(GstHarness *h, const Bytes &stream, const std::function<size_t()> &piece) {
  for (size_t at = 0; at < stream.size();) {
    const size_t n = std::min(std::max<size_t>(1, piece()), stream.size() - at);
    fail_unless_equals_int(gst_harness_push(h, gst_buffer_new_memdup(stream.data() + at, n)),
                           GST_FLOW_OK);
    at += n;
  }
}

}  // namespace

GST_START_TEST(test_round_trip) {
  for (const GstFeatureFormat format : kFormats) {
    InfoPtr info = tensor_info({2, 3, 16}, format);
    gst_feature_info_set_task(info.get(), GST_FEATURE_TASK_DPT);
    const Units units = encode(info.get(), 2);
    for (const char *caps : {kUnitCaps, kCodedCaps}) {
      GstHarness *h = new_decoder(caps);
      for (const Bytes &unit : units) gst_harness_push(h, buffer_of(unit));
      gst_harness_push_event(h, gst_event_new_eos());
      expect(h, info.get(), 1);
      expect(h, info.get(), 2);
      fail_unless(gst_feature_info_is_equal(info_out(h).get(), info.get()));
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

GST_START_TEST(test_quantized) {
  for (const guint bits : {2U, 5U, 8U, 9U, 10U, 16U}) {
    const InfoPtr info = quantized_info({1, 12, 32}, bits);
    const Units units = encode(info.get(), 1);
    GstHarness *h = new_decoder(kUnitCaps);
    gst_harness_push(h, buffer_of(units[0]));
    expect(h, info.get(), 1);
    const CapsPtr expected(gst_feature_info_to_caps(info.get()));
    GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
    fail_unless(gst_caps_is_equal(caps, expected.get()), "caps are %" GST_PTR_FORMAT, caps);
    gst_caps_unref(caps);
    // With loss values stay within the bit depth.
    gst_harness_push(h, buffer_of(encode(info.get(), 1, "quality=20")[0]));
    for (const double value : values_of(info.get(), pull(h)))
      fail_unless(value <= (1 << bits) - 1, "%u bits, but a value of %g", bits, value);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// featurequant and featuredequant around the codec, and RTP in the middle.
GST_START_TEST(test_pipelines) {
  const InfoPtr info = tensor_info({1, 1, 8, 32});
  for (const char *pipeline :
       {"featureenc quality=90 ! featuredec",
        "featureenc quality=90 ! rtpfeaturepay mtu=300 ! rtpfeaturedepay ! featuredec",
        "featurequant ! featureenc lossless=true ! rtpfeaturepay ! rtpfeaturedepay ! featuredec ! "
        "featuredequant"}) {
    bool there = true;
    for (const char *element : {"rtpfeaturepay", "featurequant"}) {
      there = there && (strstr(pipeline, element) == nullptr ||
                        gst_registry_check_feature_version(gst_registry_get(), element, 0, 0, 0));
    }
    if (!there) continue;  // a build without it
    GstHarness *h = gst_harness_new_parse(pipeline);
    set_caps(h, info.get());
    for (unsigned i = 1; i < 4; i++) {
      fail_unless_equals_int(
          gst_harness_push(h, buffer_with(tensor_bytes(info.get(), i), i * GST_SECOND)),
          GST_FLOW_OK);
      GstBuffer *out = gst_harness_pull(h);
      const GstClockTimeDiff late = GST_CLOCK_DIFF(i * GST_SECOND, GST_BUFFER_PTS(out));
      fail_unless(ABS(late) < GST_MSECOND);
      const double mse = mse_of(info.get(), bytes_of(out), tensor_bytes(info.get(), i));
      fail_unless(mse < 40, "%s: an error of %g", pipeline, mse);
      gst_buffer_unref(out);
    }
    fail_unless(gst_feature_info_is_equal(info_out(h).get(), info.get()));
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_arbitrary_pieces) {
  const InfoPtr info = tensor_info({3, 64}, GST_FEATURE_FORMAT_F16LE);
  const InfoPtr other = tensor_info({0, 4});
  const Units units = encode(info.get(), 4);
  const Units empty = encode(other.get(), 1);
  const Bytes stream = concatenated({units[0], units[1], empty[0], units[2], units[3]});
  GRand *random = g_rand_new_with_seed(7);
  for (int turn = 0; turn < 12; turn++) {
    const size_t fixed[] = {1, 3, 100, stream.size()};
    GstHarness *h = new_decoder(kCodedCaps, turn % 2 == 0 ? "threads=1" : "threads=3", false);
    push_in_pieces(h, stream, [&] {
      return turn < 4 ? fixed[turn] : static_cast<size_t>(g_rand_int_range(random, 1, 700));
    });
    gst_harness_push_event(h, gst_event_new_eos());
    fail_unless_equals_int(received(h), 5);
    expect(h, info.get(), 1);
    expect(h, info.get(), 2);
    expect(h, other.get(), 1);
    expect(h, info.get(), 3);
    expect(h, info.get(), 4);
    fail_unless_equals_int(static_cast<int>(caps_events(h).size()), 3);
    fail_unless_equals_uint64(stat(h, "units"), 5);
    fail_unless_equals_uint64(stat(h, "damaged"), 0);
    fail_unless_equals_uint64(stat(h, "bytes"), stream.size());
    fail_unless_equals_uint64(stat(h, "points"), 4 * 3 * 64);
    gst_harness_teardown(h);
  }
  g_rand_free(random);
}
GST_END_TEST

// Several units in a buffer that ends with one.
GST_START_TEST(test_units_in_one_buffer) {
  const InfoPtr info = tensor_info({3, 8});
  GstHarness *h = new_decoder(kUnitCaps);
  GstBuffer *in = buffer_of(concatenated(encode(info.get(), 3)));
  GST_BUFFER_PTS(in) = 5;
  gst_harness_push(h, in);
  for (unsigned i = 1; i < 4; i++) {
    GstBuffer *out = gst_harness_pull(h);
    fail_unless(bytes_of(out) == tensor_bytes(info.get(), i));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), i == 1 ? 5 : GST_CLOCK_TIME_NONE);
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_small_tensors) {
  for (const auto &shape : {std::vector<gint>{}, {1}, {0}, {3, 0, 5}, {1, 1, 1, 1, 1, 1, 1, 2}}) {
    for (const GstFeatureFormat format : kFormats) {
      const InfoPtr info = tensor_info(shape, format);
      GstHarness *h = new_decoder();
      gst_harness_push(h, buffer_of(encode(info.get(), 1)[0]));
      gst_harness_push_event(h, gst_event_new_eos());
      fail_unless_equals_int(received(h), 1);
      expect(h, info.get(), 1);
      fail_unless(gst_feature_info_is_equal(info_out(h).get(), info.get()));
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

GST_START_TEST(test_framerate_from_caps) {
  InfoPtr info = tensor_info({3, 8});
  GstHarness *h =
      new_decoder("application/x-feature-coded, alignment=unit, framerate=(fraction)5/1");
  gst_harness_push(h, buffer_of(encode(info.get(), 1)[0]));
  gst_feature_info_set_framerate(info.get(), 5, 1);
  fail_unless(gst_feature_info_is_equal(info_out(h).get(), info.get()));
  gst_harness_teardown(h);
}
GST_END_TEST

// The unit knows better than the caps.
GST_START_TEST(test_caps_disagree) {
  const InfoPtr info = tensor_info({3, 8});
  const Units units = encode(info.get(), 2);
  for (const bool right : {true, false}) {
    const InfoPtr claimed = tensor_info({3, right ? 8 : 9});
    GstHarness *h = harness_of("featuredec", true);
    Bus bus(h);
    GstCaps *caps = gst_caps_from_string(kUnitCaps);
    gst_feature_caps_set_info(caps, claimed.get());
    gst_harness_set_src_caps(h, caps);
    for (const Bytes &unit : units) gst_harness_push(h, buffer_of(unit));
    expect(h, info.get(), 1);
    expect(h, info.get(), 2);
    fail_unless(gst_feature_info_is_equal(info_out(h).get(), info.get()));
    const std::string text = bus.next(GST_MESSAGE_WARNING);
    fail_unless_equals_string(
        text.c_str(),
        right ? "" : "The caps describe another tensor than a unit does; the unit is right.");
    fail_unless(bus.next(GST_MESSAGE_WARNING).empty());
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_damaged_in_the_middle) {
  const InfoPtr info = tensor_info({4, 32});
  const Units units = encode(info.get(), 6);
  for (const char *caps : {kUnitCaps, kCodedCaps}) {
    for (const char *threads : {"threads=1", "threads=3"}) {
      Units damaged = units;
      damaged[1][damaged[1].size() / 2] ^= 1;
      damaged[3].erase(damaged[3].end() - 20, damaged[3].end());
      damaged[4].insert(damaged[4].begin(), 50, 0x55);  // bytes of nobody, then a good unit
      GstHarness *h = new_decoder(caps, threads, false);
      Bus bus(h);
      for (const Bytes &unit : damaged)
        fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)), GST_FLOW_OK);
      gst_harness_push_event(h, gst_event_new_eos());
      fail_unless_equals_int(received(h), 4);
      for (const unsigned seed : {1U, 3U, 5U, 6U}) {
        GstBuffer *out = gst_harness_pull(h);
        fail_unless(bytes_of(out) == tensor_bytes(info.get(), seed));
        fail_unless_equals_int(GST_BUFFER_FLAG_IS_SET(out, GST_BUFFER_FLAG_DISCONT), seed != 6);
        gst_buffer_unref(out);
      }
      fail_unless(stat(h, "damaged") >= 2 && stat(h, "damaged") <= 3);
      fail_unless(g_str_has_prefix(bus.next(GST_MESSAGE_WARNING).c_str(), "A unit was dropped: "));
      fail_unless(bus.next(GST_MESSAGE_ERROR).empty());
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

// Whatever bit is hit, each tensor that comes out is one that went in, and the next one comes.
GST_START_TEST(test_flipped_bits) {
  InfoPtr info = quantized_info({2, 9}, 10);
  for (const char *aim : {"lossless=true", "step=20"}) {
    const Units units = encode(info.get(), 2, aim);
    Bytes first;
    Bytes second;
    for (const char *caps : {kUnitCaps, kCodedCaps}) {
      for (size_t at = 0; at <= units[0].size(); at++) {
        Units damaged = units;
        if (at > 0) damaged[0][at - 1] ^= static_cast<guint8>(1U << (at % 8));
        GstHarness *h = new_decoder(caps);
        gst_harness_push(h, buffer_of(concatenated(damaged)));
        gst_harness_push_event(h, gst_event_new_eos());
        if (at == 0) {
          first = pull(h);
          second = pull(h);
        } else {
          fail_unless_equals_int(received(h), 1);
          fail_unless(pull(h) == second, "%s, byte %zu", aim, at - 1);
          fail_unless(stat(h, "damaged") >= 1);
        }
        fail_unless(gst_feature_info_is_equal(info_out(h).get(), info.get()));
        gst_harness_teardown(h);
      }
    }
  }
}
GST_END_TEST

GST_START_TEST(test_cut_anywhere) {
  const InfoPtr info = tensor_info({2, 9});
  const Bytes unit = encode(info.get(), 1)[0];
  for (size_t size = 1; size < unit.size(); size++) {
    GstHarness *h = new_decoder();
    Bus bus(h);
    gst_harness_push(h, gst_buffer_new_memdup(unit.data(), size));
    gst_harness_push_event(h, gst_event_new_eos());
    fail_unless_equals_int(received(h), 0);
    fail_unless_equals_uint64(stat(h, "damaged"), 1);
    fail_unless(bus.next(GST_MESSAGE_ERROR) ==
                "The stream ends without a tensor; all of its 1 units were dropped.");
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_garbage) {
  for (const guint8 byte : {0x00, 0xa5, 0xff}) {
    GstHarness *h = new_decoder();
    Bus bus(h);
    const Bytes garbage(5000, byte);
    push_in_pieces(h, garbage, [] { return size_t{777}; });
    gst_harness_push_event(h, gst_event_new_eos());
    fail_unless_equals_int(received(h), 0);
    fail_if(bus.next(GST_MESSAGE_WARNING).empty());
    fail_unless(bus.next(GST_MESSAGE_WARNING).empty());
    fail_unless_equals_uint64(stat(h, "damaged"), 1);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// The bytes of before a discontinuity have no end; what follows it begins anew.
GST_START_TEST(test_discontinuity) {
  const InfoPtr info = tensor_info({4, 32});
  const Units units = encode(info.get(), 3);
  GstHarness *h = new_decoder();
  gst_harness_push(h, buffer_of(units[0]));
  gst_harness_push(h, gst_buffer_new_memdup(units[1].data(), units[1].size() / 2));
  GstBuffer *last = buffer_of(units[2]);
  GST_BUFFER_FLAG_SET(last, GST_BUFFER_FLAG_DISCONT);
  gst_harness_push(h, last);
  gst_harness_push_event(h, gst_event_new_eos());
  fail_unless_equals_int(received(h), 2);
  expect(h, info.get(), 1);
  GstBuffer *out = gst_harness_pull(h);
  fail_unless(GST_BUFFER_IS_DISCONT(out));
  fail_unless(bytes_of(out) == tensor_bytes(info.get(), 3));
  gst_buffer_unref(out);
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_max_errors) {
  const InfoPtr info = tensor_info({4, 32});
  const Units units = encode(info.get(), 1);
  Bytes damaged = units[0];
  damaged[damaged.size() / 2] ^= 1;
  GstHarness *h = new_decoder(kUnitCaps, "max-errors=2");
  Bus bus(h);
  for (const Bytes &unit : {damaged, damaged, units[0], damaged, damaged})
    fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)), GST_FLOW_OK);
  fail_unless_equals_int(gst_harness_push(h, buffer_of(damaged)), GST_FLOW_ERROR);
  const std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(g_str_has_prefix(text.c_str(), "3 damaged units in a row, more than max-errors=2"),
              "message: %s", text.c_str());
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_max_points) {
  const InfoPtr info = tensor_info({4, 32});
  const InfoPtr small = tensor_info({4, 31});
  GstHarness *h = new_decoder(kUnitCaps, "max-points=127");
  Bus bus(h);
  gst_harness_push(h, buffer_of(encode(info.get(), 1)[0]));
  gst_harness_push(h, buffer_of(encode(small.get(), 1)[0]));
  fail_unless_equals_int(received(h), 1);
  expect(h, small.get(), 1);
  const std::string text = bus.next(GST_MESSAGE_WARNING);
  fail_unless(text.find("4x32") != std::string::npos && text.find("127") != std::string::npos,
              "message: %s", text.c_str());
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  g_object_set(h->element, "max-points", G_GUINT64_CONSTANT(128), nullptr);
  gst_harness_push(h, buffer_of(encode(info.get(), 1)[0]));
  fail_unless_equals_int(received(h), 2);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_profile) {
  const Folder folder;
  const Bytes file = profile_file(16);
  const std::string path = folder.write("sixteen.featureprofile", file);
  const std::string other = folder.write("other", profile_file(16, 2));
  const std::string id = hex(hash_of(file) >> 32, 8);
  const InfoPtr info = tensor_info({24, 16});
  const Bytes unit = encode(info.get(), 1, "step=0.5 profile=" + path)[0];
  const auto result = [&](const std::string &properties, std::string &error) {
    GstHarness *h = new_decoder(kUnitCaps, properties);
    Bus bus(h);
    // A first one may be a damaged unit; a second one is not.
    fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)), GST_FLOW_OK);
    const bool came = received(h) == 1;
    error = bus.next(GST_MESSAGE_WARNING);
    fail_unless_equals_int(error.empty(), came);
    fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)),
                           came ? GST_FLOW_OK : GST_FLOW_ERROR);
    if (came) fail_unless(mse_of(info.get(), pull(h), tensor_bytes(info.get(), 1)) < 0.25);
    error = bus.next(GST_MESSAGE_ERROR);
    fail_unless_equals_int(error.empty(), came);
    gst_harness_teardown(h);
    return came;
  };
  std::string error;
  // Set, by path; and with it a unit that needs none.
  fail_unless(result("profile=" + path, error));
  GstHarness *h = new_decoder(kUnitCaps, "profile=" + path);
  gst_harness_push(h, buffer_of(encode(info.get(), 1)[0]));
  expect(h, info.get(), 1);
  gst_harness_teardown(h);
  // Nowhere.
  g_setenv("GST_FEATURE_PROFILE_PATH", "/nonexistent", TRUE);
  fail_unless(!result("", error));
  fail_unless(error.find("the profile " + id) != std::string::npos &&
                  error.find("/nonexistent") != std::string::npos,
              "message: %s", error.c_str());
  // Another one.
  fail_unless(!result("profile=" + other, error));
  fail_unless(
      error.find("the profile " + id) != std::string::npos &&
          error.find(other + ", is " + hex(hash_of(profile_file(16, 2)), 16)) != std::string::npos,
      "message: %s", error.c_str());
  // In the search path.
  g_setenv("GST_FEATURE_PROFILE_PATH", folder.path().c_str(), TRUE);
  fail_unless(result("", error));
  fail_unless(result("profile=" + other, error));
  fail_unless(result("profile=sixteen", error));
  // Used by another element.
  g_setenv("GST_FEATURE_PROFILE_PATH", "/nonexistent", TRUE);
  GstElement *user = gst_element_factory_make("featureenc", nullptr);
  g_object_set(user, "profile", path.c_str(), nullptr);
  gst_element_set_state(user, GST_STATE_PAUSED);
  fail_unless(result("", error));
  gst_element_set_state(user, GST_STATE_NULL);
  gst_object_unref(user);
  fail_unless(!result("", error));
}
GST_END_TEST

GST_START_TEST(test_same_tensors) {
  const InfoPtr infos[] = {tensor_info({64, 64}), tensor_info({2}, GST_FEATURE_FORMAT_U8),
                           quantized_info({16, 64}, 10)};
  Units units;
  for (unsigned i = 0; i < 9; i++) units.push_back(encode(infos[i / 2 % 3].get(), 1, "step=1")[0]);
  Units one;
  for (const int threads : {1, 3, 0}) {
    for (const bool live : {false, true}) {
      GstHarness *h = new_decoder(kUnitCaps, "threads=" + std::to_string(threads), live);
      for (unsigned i = 0; i < 9; i++) {
        GstBuffer *in = buffer_of(units[i]);
        GST_BUFFER_PTS(in) = i;
        fail_unless_equals_int(gst_harness_push(h, in), GST_FLOW_OK);
      }
      gst_harness_push_event(h, gst_event_new_eos());
      Units tensors;
      for (unsigned i = 0; i < 9; i++) {
        GstBuffer *out = gst_harness_pull(h);
        fail_unless_equals_uint64(GST_BUFFER_PTS(out), i);
        tensors.push_back(bytes_of(out));
        gst_buffer_unref(out);
      }
      if (one.empty()) one = tensors;
      fail_unless(tensors == one);
      fail_unless_equals_int(static_cast<int>(caps_events(h).size()), 5);
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

GST_START_TEST(test_flush) {
  const InfoPtr info = tensor_info({64, 64});
  const Units units = encode(info.get(), 6);
  for (const char *caps : {kUnitCaps, kCodedCaps}) {
    GstHarness *h = new_decoder(caps, "threads=3", false);
    for (unsigned i = 0; i < 3; i++) gst_harness_push(h, buffer_with(units[i], i));
    if (g_str_equal(caps, kCodedCaps))
      gst_harness_push(h, gst_buffer_new_memdup(units[3].data(), units[3].size() / 2));
    flush(h);
    while (GstBuffer *old = gst_harness_try_pull(h)) gst_buffer_unref(old);
    fail_unless_equals_int(gst_harness_push(h, buffer_with(units[5], 5)), GST_FLOW_OK);
    gst_harness_push_event(h, gst_event_new_eos());
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), 5);
    fail_unless(bytes_of(out) == tensor_bytes(info.get(), 6));
    gst_buffer_unref(out);
    fail_unless(gst_harness_try_pull(h) == nullptr);
    fail_unless_equals_uint64(stat(h, "damaged"), 0);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_stop_in_the_middle) {
  const InfoPtr info = tensor_info({64, 64});
  const Units units = encode(info.get(), 1);
  for (int i = 0; i < 20; i++) {
    GstHarness *h = new_decoder(kUnitCaps, "threads=4", false);
    for (unsigned k = 0; k < 6; k++) gst_harness_push(h, buffer_of(units[0]));
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_times_and_flags) {
  const InfoPtr info = tensor_info({4, 8});
  GstHarness *h = new_decoder(kUnitCaps);
  const Units units = encode(info.get(), 2);
  for (unsigned i = 0; i < 2; i++) {
    GstBuffer *in = buffer_with(units[i], (7 + i) * GST_SECOND);
    GST_BUFFER_DURATION(in) = GST_SECOND;
    if (i == 1) GST_BUFFER_FLAG_SET(in, GST_BUFFER_FLAG_GAP);
    gst_harness_push(h, in);
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), (7 + i) * GST_SECOND);
    fail_unless_equals_uint64(GST_BUFFER_DURATION(out), GST_SECOND);
    fail_unless_equals_int(GST_BUFFER_IS_DISCONT(out), i == 0);
    fail_unless_equals_int(GST_BUFFER_FLAG_IS_SET(out, GST_BUFFER_FLAG_GAP), i == 1);
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

// From a file: a segment in bytes, no caps.
GST_START_TEST(test_file) {
  const Folder folder;
  const InfoPtr info = tensor_info({64, 64});
  const std::string path = folder.write("some.feat", concatenated(encode(info.get(), 3)));
  for (const char *middle : {"featuredec", "decodebin caps=application/x-feature-tensor"}) {
    const std::string description = "filesrc blocksize=1000 location=" + path + " ! " + middle +
                                    " ! fakesink name=sink signal-handoffs=true";
    GError *error = nullptr;
    GstElement *pipeline = gst_parse_launch(description.c_str(), &error);
    fail_unless(error == nullptr);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    Units tensors;
    g_signal_connect(sink, "handoff",
                     G_CALLBACK(+[](GstElement *, GstBuffer *buffer, GstPad *pad, gpointer to) {
                       GstEvent *event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
                       const GstSegment *segment = nullptr;
                       gst_event_parse_segment(event, &segment);
                       fail_unless_equals_int(segment->format, GST_FORMAT_TIME);
                       gst_event_unref(event);
                       static_cast<Units *>(to)->push_back(bytes_of(buffer));
                     }),
                     &tensors);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message = gst_bus_timed_pop_filtered(
        bus, 30 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
    fail_unless(message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS, "%s", middle);
    gst_message_unref(message);
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
    fail_unless_equals_int(static_cast<int>(tensors.size()), 3);
    for (unsigned i = 0; i < 3; i++) fail_unless(tensors[i] == tensor_bytes(info.get(), i + 1));
  }
}
GST_END_TEST

GST_START_TEST(test_typefind) {
  for (const auto &shape : {std::vector<gint>{}, {0}, {4, 8}}) {
    const Bytes unit = encode(tensor_info(shape).get(), 1)[0];
    GstTypeFindProbability probability = GST_TYPE_FIND_NONE;
    GstCaps *caps = gst_type_find_helper_for_data(nullptr, unit.data(), unit.size(), &probability);
    fail_unless(caps != nullptr);
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    fail_unless(gst_structure_has_name(structure, kCodedCaps), "%" GST_PTR_FORMAT, caps);
    gst_caps_unref(caps);
  }
}
GST_END_TEST

// A file of a single unit: its profile is named at the end.
GST_START_TEST(test_profile_of_one_unit) {
  const Folder folder;
  const Bytes file = profile_file(16);
  const std::string path = folder.write("sixteen.featureprofile", file);
  const InfoPtr info = tensor_info({24, 16});
  GstHarness *h = new_decoder(kCodedCaps);
  Bus bus(h);
  gst_harness_push(h, buffer_of(encode(info.get(), 1, "profile=" + path)[0]));
  gst_harness_push_event(h, gst_event_new_eos());
  const std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(text.find("the profile " + hex(hash_of(file) >> 32, 8)) != std::string::npos,
              "message: %s", text.c_str());
  gst_harness_teardown(h);
}
GST_END_TEST

// Units coded with a profile: whatever bit is hit, the next one comes.
GST_START_TEST(test_flipped_bits_with_profile) {
  const Folder folder;
  const std::string path = folder.write("sixteen.featureprofile", profile_file(16));
  const InfoPtr info = tensor_info({2, 16});
  const Units units = encode(info.get(), 2, "step=4 profile=" + path);
  Bytes second;
  for (size_t at = 0; at <= units[0].size(); at++) {
    Units damaged = units;
    if (at > 0) damaged[0][at - 1] ^= static_cast<guint8>(1U << (at % 8));
    GstHarness *h = new_decoder(kUnitCaps, "profile=" + path);
    for (const Bytes &unit : damaged)
      fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)), GST_FLOW_OK);
    gst_harness_push_event(h, gst_event_new_eos());
    if (at == 0) {
      pull(h);
      second = pull(h);
    } else {
      fail_unless_equals_int(received(h), 1);
      fail_unless(pull(h) == second, "byte %zu", at - 1);
    }
    gst_harness_teardown(h);
  }
}
GST_END_TEST

static Suite *featuredec_suite() {
  Suite *s = suite_create("featuredec");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_round_trip);
  tcase_add_test(tc, test_quantized);
  tcase_add_test(tc, test_pipelines);
  tcase_add_test(tc, test_arbitrary_pieces);
  tcase_add_test(tc, test_units_in_one_buffer);
  tcase_add_test(tc, test_small_tensors);
  tcase_add_test(tc, test_framerate_from_caps);
  tcase_add_test(tc, test_caps_disagree);
  tcase_add_test(tc, test_damaged_in_the_middle);
  tcase_add_test(tc, test_flipped_bits);
  tcase_add_test(tc, test_cut_anywhere);
  tcase_add_test(tc, test_garbage);
  tcase_add_test(tc, test_discontinuity);
  tcase_add_test(tc, test_max_errors);
  tcase_add_test(tc, test_max_points);
  tcase_add_test(tc, test_profile);
  tcase_add_test(tc, test_profile_of_one_unit);
  tcase_add_test(tc, test_flipped_bits_with_profile);
  tcase_add_test(tc, test_same_tensors);
  tcase_add_test(tc, test_flush);
  tcase_add_test(tc, test_stop_in_the_middle);
  tcase_add_test(tc, test_times_and_flags);
  tcase_add_test(tc, test_file);
  tcase_add_test(tc, test_typefind);
  return s;
}

GST_CHECK_MAIN(featuredec)
