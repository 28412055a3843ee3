// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/check/featurecodec_util.h"

#include "gst/codec/encoder_settings.h"

using namespace test;
using feat::native::Layout;
using feat::native::Target;

namespace {

std::string with_threads(int threads) {
  return "featureenc threads=" + std::to_string(threads);
}

Bytes encode_one(const std::string &properties, const GstFeatureInfo *info, const Bytes &bytes) {
  GstHarness *h = harness_of("featureenc " + properties, true);
  set_caps(h, info);
  fail_unless_equals_int(gst_harness_push(h, buffer_with(bytes)), GST_FLOW_OK);
  const Bytes unit = pull(h);
  gst_harness_teardown(h);
  return unit;
}

Bytes decode(const Bytes &unit) {
  const auto info = unit_info(unit);
  guint64 points = 1;
  for (const uint32_t dim : info.tensor.shape) points *= dim;
  Bytes data(points * feat::native::size_of(info.tensor.format));
  const auto status = feat::native::Decoder().decode(unit, nullptr, data);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return data;
}

// Tensors whose shape changes with every other one.
Units encode_changing(int threads, bool live) {
  constexpr unsigned kTensors = 12;
  const std::vector<gint> shapes[] = {{1, 40, 64}, {3}, {7, 32}};
  GstHarness *h = harness_of(with_threads(threads), live);
  for (unsigned i = 0; i < kTensors; i++) {
    const InfoPtr info = tensor_info(shapes[i / 2 % 3], kFormats[i / 2 % 2]);
    set_caps(h, info.get());
    fail_unless_equals_int(
        gst_harness_push(h, buffer_with(tensor_bytes(info.get(), i), i * GST_SECOND)), GST_FLOW_OK);
  }
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), kTensors);
  Units units;
  for (unsigned i = 0; i < kTensors; i++) {
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), i * GST_SECOND);
    units.push_back(bytes_of(out));
    gst_buffer_unref(out);
  }
  const auto caps = caps_events(h);
  fail_unless_equals_int(static_cast<int>(caps.size()), kTensors / 2);
  for (unsigned i = 0; i < caps.size(); i++) {
    const InfoPtr info = tensor_info(shapes[i % 3], kFormats[i % 2]);
    fail_unless(gst_feature_info_is_equal(caps[i].get(), info.get()));
  }
  fail_unless_equals_uint64(stat(h, "units"), kTensors);
  gst_harness_teardown(h);
  return units;
}

// A tensor with NaN and infinities at places 3, 5 and 6.
Bytes with_holes(const GstFeatureInfo *info) {
  Bytes bytes = tensor_bytes(info);
  feat::visit_format(gst_feature_info_get_format(info), [&](auto s) {
    s.store(bytes.data() + 3 * s.kSize, std::nan(""));
    s.store(bytes.data() + 5 * s.kSize, HUGE_VAL);
    s.store(bytes.data() + 6 * s.kSize, -HUGE_VAL);
  });
  return bytes;
}

}  // namespace

GST_START_TEST(test_caps) {
  InfoPtr info = quantized_info({1, 1, 8, 16}, 10);
  gst_feature_info_set_task(info.get(), GST_FEATURE_TASK_CSR);
  gst_feature_info_set_framerate(info.get(), 25, 2);
  GstHarness *h = harness_of("featureenc", true);
  set_caps(h, info.get());
  fail_unless_equals_int(gst_harness_push(h, buffer_with(tensor_bytes(info.get()))), GST_FLOW_OK);
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  GstCaps *expected = gst_caps_from_string(
      "application/x-feature-coded, alignment=unit, framerate=25/2, feature=(structure)"
      "[feature-tensor, format=F16LE, shape=(int)<1,1,8,16>, bit-depth=10, range-min=<-20.0>, "
      "range-max=<24.5>, rounding=floor, task=csr]");
  fail_unless(gst_caps_is_equal(caps, expected), "caps are %" GST_PTR_FORMAT, caps);
  gst_caps_unref(expected);
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

// Shape and format are in the unit anyway: a plain tensor costs nothing beyond, and what goes
// beyond does not say them again.
GST_START_TEST(test_description) {
  fail_unless(unit_info(encode(tensor_info({2, 3}, GST_FEATURE_FORMAT_BF16LE).get(), 1)[0])
                  .description.empty());
  InfoPtr info = tensor_info({100, 200, 3}, GST_FEATURE_FORMAT_F16LE);
  gst_feature_info_set_task(info.get(), GST_FEATURE_TASK_SEG);
  // {0: 1, 1: [], -1: 2}
  fail_unless(unit_info(encode(info.get(), 1)[0]).description ==
              Bytes({0xa3, 0x00, 0x01, 0x01, 0x80, 0x20, 0x02}));
  // Ranges along a dimension need it.
  info = tensor_info({2, 2}, GST_FEATURE_FORMAT_F32LE);
  const gdouble low[] = {-1, -2};
  const gdouble high[] = {1, 2};
  fail_unless(gst_feature_info_set_quantization(info.get(), 8, GST_FEATURE_ROUNDING_NEAREST,
                                                GST_FEATURE_FORMAT_F32LE));
  fail_unless(gst_feature_info_set_ranges(info.get(), 0, low, high, 2, nullptr));
  const Bytes description = unit_info(encode(info.get(), 1)[0]).description;
  const InfoPtr read(gst_feature_info_from_cbor(description.data(), description.size(), nullptr));
  fail_unless(read && gst_feature_info_is_equal(read.get(), info.get()));
}
GST_END_TEST

GST_START_TEST(test_lossless) {
  for (const GstFeatureFormat format : kFormats) {
    const InfoPtr info = tensor_info({3, 5, 7}, format);
    Bytes bytes = tensor_bytes(info.get());
    if (gst_feature_format_is_float(format)) bytes = with_holes(info.get());
    const Bytes unit = encode_one("lossless=true", info.get(), bytes);
    fail_unless(unit_info(unit).lossless);
    fail_unless(decode(unit) == bytes, "format %s", gst_feature_format_to_string(format));
  }
}
GST_END_TEST

// A smaller error costs more, whatever the aim is and the format.
GST_START_TEST(test_aims) {
  const struct {
    const char *better;
    const char *worse;
  } kAims[] = {{"quality=70", "quality=45"},
               {"step=1", "step=8"},
               {"target-bpfp=5", "target-bpfp=3"},
               {"target-mse=0.2", "target-mse=4"}};
  for (const GstFeatureFormat format : kFormats) {
    const InfoPtr info = tensor_info({1, 24, 64}, format);
    const Bytes bytes = tensor_bytes(info.get());
    for (const auto &aim : kAims) {
      const Bytes better = encode_one(aim.better, info.get(), bytes);
      const Bytes worse = encode_one(aim.worse, info.get(), bytes);
      fail_unless(better.size() > worse.size(), "%s: %zu and %zu bytes", aim.better, better.size(),
                  worse.size());
      const double small = mse_of(info.get(), bytes, decode(better));
      const double large = mse_of(info.get(), bytes, decode(worse));
      fail_unless(small < large, "%s: %g and %g", aim.better, small, large);
    }
  }
}
GST_END_TEST

GST_START_TEST(test_targets_are_met) {
  const InfoPtr info = tensor_info({1, 24, 64});
  const Bytes bytes = tensor_bytes(info.get());
  GstHarness *h = harness_of("featureenc target-bpfp=3", true);
  set_caps(h, info.get());
  gst_harness_push(h, buffer_with(bytes));
  const auto bpfp = 8.0 * static_cast<double>(pull(h).size()) / (24 * 64);
  fail_unless(std::abs(bpfp - 3) < 0.1, "%g bits per point", bpfp);
  fail_unless_equals_float(stat_double(h, "last-bpfp"), bpfp);
  g_object_set(h->element, "target-mse", 0.5, nullptr);
  gst_harness_push(h, buffer_with(bytes));
  const double mse = mse_of(info.get(), bytes, decode(pull(h)));
  fail_unless(mse > 0.35 && mse < 0.6, "an error of %g", mse);
  fail_unless(std::abs(stat_double(h, "last-mse") - mse) < 0.01 * mse);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_precedence) {
  feat::EncoderSettings settings;
  const auto expect = [&settings](Target target, double value) {
    const auto options = feat::encode_options(settings);
    fail_unless(options.target == target);
    fail_unless_equals_float(options.value, value);
  };
  expect(Target::kQuality, 50);
  settings.quality = 33;
  expect(Target::kQuality, 33);
  settings.step = 0.5;
  expect(Target::kStep, 0.5);
  settings.target_bpfp = 2;
  expect(Target::kBpfp, 2);
  settings.target_mse = 7;
  expect(Target::kMse, 7);
  settings.lossless = true;
  expect(Target::kLossless, 0);
  settings.effort = 4;
  settings.layout = Layout::kImage;
  settings.clamp_non_finite = true;
  const auto options = feat::encode_options(settings);
  fail_unless(options.effort == 4 && options.layout == Layout::kImage && options.clamp_non_finite);
}
GST_END_TEST

GST_START_TEST(test_non_finite) {
  for (const GstFeatureFormat format :
       {GST_FEATURE_FORMAT_F32LE, GST_FEATURE_FORMAT_F16LE, GST_FEATURE_FORMAT_BF16LE}) {
    const InfoPtr info = tensor_info({4, 8}, format);
    GstHarness *h = harness_of("featureenc", true);
    Bus bus(h);
    set_caps(h, info.get());
    fail_unless_equals_int(gst_harness_push(h, buffer_with(tensor_bytes(info.get()))), GST_FLOW_OK);
    g_object_set(h->element, "non-finite", 1, "step", 0.01, nullptr);
    fail_unless_equals_int(gst_harness_push(h, buffer_with(with_holes(info.get()))), GST_FLOW_OK);
    pull(h);
    const auto values = values_of(info.get(), decode(pull(h)));
    const auto plain = values_of(info.get(), tensor_bytes(info.get()));
    double largest = 0;
    for (size_t i = 0; i < plain.size(); i++)
      if (i != 3 && i != 5 && i != 6) largest = std::max(largest, plain[i]);
    fail_unless(std::abs(values[3]) < 0.5, "NaN became %g", values[3]);
    fail_unless(std::abs(values[5] - largest) < 0.5, "infinity became %g", values[5]);
    g_object_set(h->element, "non-finite", 0, nullptr);
    fail_unless_equals_int(gst_harness_push(h, buffer_with(with_holes(info.get()))),
                           GST_FLOW_ERROR);
    const std::string text = bus.next(GST_MESSAGE_ERROR);
    fail_unless(text.find("Tensor 2 ") == 0 && text.find("3") != std::string::npos &&
                    text.find("non-finite=clamp") != std::string::npos,
                "message: %s", text.c_str());
    fail_unless_equals_uint64(stat(h, "units"), 2);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_small_tensors) {
  for (const char *aim : {"lossless=true", "quality=90", "target-bpfp=40", "target-mse=0.5"}) {
    for (const auto &shape : {std::vector<gint>{}, {1}, {0}, {3, 0, 5}, {1, 1, 1, 1, 1, 1, 1, 2}}) {
      const InfoPtr info = tensor_info(shape);
      const Bytes bytes = tensor_bytes(info.get());
      const Bytes unit = encode_one(aim, info.get(), bytes);
      const auto coded = unit_info(unit);
      fail_unless(std::equal(coded.tensor.shape.begin(), coded.tensor.shape.end(), shape.begin(),
                             shape.end(),
                             [](uint32_t a, gint b) { return a == static_cast<uint32_t>(b); }));
      fail_unless_equals_int(static_cast<int>(decode(unit).size()), static_cast<int>(bytes.size()));
      fail_unless(mse_of(info.get(), bytes, decode(unit)) < 1.5);
    }
  }
}
GST_END_TEST

GST_START_TEST(test_refused) {
  const InfoPtr info = tensor_info({4, 8});
  GstHarness *h = harness_of("featureenc max-points=31", true);
  Bus bus(h);
  set_caps(h, info.get());
  fail_unless_equals_int(gst_harness_push(h, buffer_with(tensor_bytes(info.get()))),
                         GST_FLOW_NOT_NEGOTIATED);
  std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(text.find("32 points") != std::string::npos && text.find("31") != std::string::npos,
              "message: %s", text.c_str());
  gst_harness_set_src_caps_str(h, "application/x-feature-tensor, format=F64LE, shape=(int)<2>");
  fail_unless_equals_int(gst_harness_push(h, buffer_with(Bytes(16))), GST_FLOW_NOT_NEGOTIATED);
  text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(text.find("format F64LE cannot") != std::string::npos, "message: %s", text.c_str());
  gst_harness_set_src_caps_str(h, "application/x-feature-tensor, format=F32LE, shape=(int)<2>");
  fail_unless_equals_int(gst_harness_push(h, buffer_with(Bytes(8))), GST_FLOW_OK);
  fail_unless_equals_int(gst_harness_push(h, buffer_with(Bytes(9))), GST_FLOW_ERROR);
  text = bus.next(GST_MESSAGE_ERROR);
  fail_unless_equals_string(text.c_str(),
                            "Tensor 1 cannot be coded: it has 9 bytes where its caps ask for 8.");
  fail_unless(bus.next(GST_MESSAGE_ERROR).empty());
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_same_stream) {
  const Units one = encode_changing(1, true);
  for (const int threads : {1, 2, 3, 0}) {
    for (const bool live : {false, true}) fail_unless(encode_changing(threads, live) == one);
  }
}
GST_END_TEST

// Whoever sends one tensor and waits for its unit gets it.
GST_START_TEST(test_no_tensor_waits_for_the_next) {
  const InfoPtr info = tensor_info({4, 8});
  GstHarness *h = harness_of(with_threads(4), false);
  set_caps(h, info.get());
  for (int i = 0; i < 5; i++) {
    gst_harness_push(h, buffer_with(tensor_bytes(info.get())));
    pull(h);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

// What is in work at a flush does not come out behind it.
GST_START_TEST(test_flush) {
  const InfoPtr info = tensor_info({64, 64});
  GstHarness *h = harness_of(with_threads(3), false);
  set_caps(h, info.get());
  for (unsigned i = 0; i < 3; i++) gst_harness_push(h, buffer_with(tensor_bytes(info.get(), i), i));
  flush(h);
  while (GstBuffer *old = gst_harness_try_pull(h)) gst_buffer_unref(old);
  fail_unless_equals_int(gst_harness_push(h, buffer_with(tensor_bytes(info.get(), 5), 5)),
                         GST_FLOW_OK);
  gst_harness_push_event(h, gst_event_new_eos());
  GstBuffer *out = gst_harness_pull(h);
  fail_unless_equals_uint64(GST_BUFFER_PTS(out), 5);
  gst_buffer_unref(out);
  fail_unless(gst_harness_try_pull(h) == nullptr);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_stop_in_the_middle) {
  const InfoPtr info = tensor_info({64, 64});
  for (int i = 0; i < 20; i++) {
    GstHarness *h = harness_of(with_threads(4), false);
    set_caps(h, info.get());
    for (unsigned k = 0; k < 6; k++) gst_harness_push(h, buffer_with(tensor_bytes(info.get(), k)));
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// Events stay where they were between tensors.
GST_START_TEST(test_order_of_events) {
  const InfoPtr info = tensor_info({32, 64});
  GstHarness *h = harness_of(with_threads(3), false);
  set_caps(h, info.get());
  for (unsigned i = 0; i < 3; i++) gst_harness_push(h, buffer_with(tensor_bytes(info.get(), i), i));
  gst_harness_push_event(h, gst_event_new_gap(3, 1));
  // All that came before the gap has left.
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 3);
  std::string order;
  while (GstEvent *event = gst_harness_try_pull_event(h)) {
    order += std::string(GST_EVENT_TYPE_NAME(event)) + " ";
    gst_event_unref(event);
  }
  fail_unless_equals_string(order.c_str(), "stream-start caps segment gap ");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_times_and_flags) {
  const InfoPtr info = tensor_info({4, 8});
  GstHarness *h = harness_of("featureenc", true);
  set_caps(h, info.get());
  GstBuffer *in = buffer_with(tensor_bytes(info.get()), 7 * GST_SECOND);
  GST_BUFFER_DTS(in) = 6 * GST_SECOND;
  GST_BUFFER_DURATION(in) = GST_SECOND;
  GST_BUFFER_OFFSET(in) = 11;
  GST_BUFFER_FLAG_SET(in, GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_GAP);
  GstCaps *reference = gst_caps_new_empty_simple("timestamp/x-unix");
  gst_buffer_add_reference_timestamp_meta(in, reference, 123, GST_CLOCK_TIME_NONE);
  gst_harness_push(h, in);
  GstBuffer *out = gst_harness_pull(h);
  fail_unless_equals_uint64(GST_BUFFER_PTS(out), 7 * GST_SECOND);
  fail_unless_equals_uint64(GST_BUFFER_DTS(out), 6 * GST_SECOND);
  fail_unless_equals_uint64(GST_BUFFER_DURATION(out), GST_SECOND);
  fail_unless(GST_BUFFER_FLAG_IS_SET(out, GST_BUFFER_FLAG_DISCONT));
  fail_unless(GST_BUFFER_FLAG_IS_SET(out, GST_BUFFER_FLAG_GAP));
  fail_unless(gst_buffer_get_reference_timestamp_meta(out, reference) != nullptr);
  gst_caps_unref(reference);
  gst_buffer_unref(out);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_latency) {
  InfoPtr info = tensor_info({4, 8});
  gst_feature_info_set_framerate(info.get(), 10, 1);
  for (const bool live : {false, true}) {
    GstHarness *h = harness_of(with_threads(3), live);
    set_caps(h, info.get());
    gst_harness_push(h, buffer_with(tensor_bytes(info.get())));
    GstQuery *query = gst_query_new_latency();
    fail_unless(gst_pad_peer_query(h->sinkpad, query));
    GstClockTime shortest = GST_CLOCK_TIME_NONE;
    GstClockTime longest = 0;
    gboolean is_live = FALSE;
    gst_query_parse_latency(query, &is_live, &shortest, &longest);
    fail_unless_equals_int(is_live, live);
    fail_unless_equals_uint64(shortest, 0);
    if (live) fail_unless(longest == 0 || longest == GST_CLOCK_TIME_NONE);
    gst_query_unref(query);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_stats) {
  const InfoPtr info = quantized_info({24, 40}, 10);
  GstHarness *h = harness_of("featureenc threads=1", true);
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(h->element, bus);
  set_caps(h, info.get());
  guint64 bytes = 0;
  guint64 descriptions = 0;
  guint64 last = 0;
  for (unsigned i = 0; i < 3; i++) {
    gst_harness_push(h, buffer_with(tensor_bytes(info.get(), i)));
    const Bytes unit = pull(h);
    last = unit.size();
    bytes += last;
    descriptions += unit_info(unit).description.size();
  }
  fail_unless_equals_uint64(stat(h, "units"), 3);
  fail_unless_equals_uint64(stat(h, "bytes"), bytes);
  fail_unless_equals_uint64(stat(h, "description-bytes"), descriptions);
  fail_unless_equals_uint64(stat(h, "last-bytes"), last);
  fail_unless(stat(h, "payload-bytes") + descriptions < bytes);
  fail_unless_equals_uint64(stat(h, "points"), 3 * 24 * 40);
  fail_unless_equals_float(stat_double(h, "bpfp"),
                           8.0 * static_cast<double>(bytes) / (3 * 24 * 40));
  fail_unless(stat_double(h, "mse") > 0 && stat_double(h, "last-mse") > 0);
  fail_unless(stat_double(h, "last-step") > 0 && stat_double(h, "milliseconds") > 0);
  gst_harness_push_event(h, gst_event_new_eos());
  GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT);
  fail_unless(message != nullptr && gst_message_has_name(message, "featureenc-stats"));
  gst_message_unref(message);
  gst_element_set_bus(h->element, nullptr);
  gst_object_unref(bus);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_eos_without_tensors) {
  GstHarness *h = harness_of("featureenc", true);
  set_caps(h, tensor_info({2}).get());
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 0);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_profile) {
  const Folder folder;
  const Bytes file = profile_file(16);
  const std::string path = folder.write("sixteen.featureprofile", file);
  const InfoPtr info = tensor_info({24, 16});
  const Bytes bytes = tensor_bytes(info.get());
  const Bytes by_path = encode_one("profile=" + path, info.get(), bytes);
  fail_unless_equals_uint64(unit_info(by_path).profile_id, hash_of(file) >> 32);
  g_setenv("GST_FEATURE_PROFILE_PATH", ("/nonexistent:" + folder.path()).c_str(), TRUE);
  fail_unless(encode_one("profile=sixteen", info.get(), bytes) == by_path);
  fail_unless_equals_uint64(unit_info(encode_one("", info.get(), bytes)).profile_id, 0);
}
GST_END_TEST

GST_START_TEST(test_profile_does_not_fit) {
  const Folder folder;
  const std::string path = folder.write("sixteen.featureprofile", profile_file(16));
  const InfoPtr info = tensor_info({24, 8});
  GstHarness *h = harness_of("featureenc profile=" + path, true);
  Bus bus(h);
  set_caps(h, info.get());
  fail_unless_equals_int(gst_harness_push(h, buffer_with(tensor_bytes(info.get()))),
                         GST_FLOW_ERROR);
  const std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(text.find("16") != std::string::npos && text.find("8") != std::string::npos,
              "message: %s", text.c_str());
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_profile_missing) {
  const Folder folder;
  g_setenv("GST_FEATURE_PROFILE_PATH", folder.path().c_str(), TRUE);
  const std::string garbage = folder.write("garbage.featureprofile", Bytes(100, 'x'));
  const struct {
    std::string profile;
    std::string message;
  } kCases[] = {
      {"seventeen", "There is no profile seventeen in " + folder.path() + ":"},
      {folder.path() + "/none", "The profile cannot be read: "},
      {"garbage", "The profile in " + garbage + " cannot be used: "},
  };
  for (const auto &c : kCases) {
    GstElement *element = gst_element_factory_make("featureenc", nullptr);
    GstBus *bus = gst_bus_new();
    gst_element_set_bus(element, bus);
    g_object_set(element, "profile", c.profile.c_str(), nullptr);
    fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                           GST_STATE_CHANGE_FAILURE);
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    fail_unless(g_str_has_prefix(error->message, c.message.c_str()), "message: %s", error->message);
    g_error_free(error);
    gst_message_unref(message);
    gst_element_set_state(element, GST_STATE_NULL);
    gst_element_set_bus(element, nullptr);
    gst_object_unref(bus);
    gst_object_unref(element);
  }
}
GST_END_TEST

static Suite *featureenc_suite() {
  Suite *s = suite_create("featureenc");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_caps);
  tcase_add_test(tc, test_description);
  tcase_add_test(tc, test_lossless);
  tcase_add_test(tc, test_aims);
  tcase_add_test(tc, test_targets_are_met);
  tcase_add_test(tc, test_precedence);
  tcase_add_test(tc, test_non_finite);
  tcase_add_test(tc, test_small_tensors);
  tcase_add_test(tc, test_refused);
  tcase_add_test(tc, test_same_stream);
  tcase_add_test(tc, test_no_tensor_waits_for_the_next);
  tcase_add_test(tc, test_flush);
  tcase_add_test(tc, test_stop_in_the_middle);
  tcase_add_test(tc, test_order_of_events);
  tcase_add_test(tc, test_times_and_flags);
  tcase_add_test(tc, test_latency);
  tcase_add_test(tc, test_stats);
  tcase_add_test(tc, test_eos_without_tensors);
  tcase_add_test(tc, test_profile);
  tcase_add_test(tc, test_profile_does_not_fit);
  tcase_add_test(tc, test_profile_missing);
  return s;
}

GST_CHECK_MAIN(featureenc)
