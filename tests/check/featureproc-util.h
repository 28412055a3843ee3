/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FEATUREPROC_TEST_UTIL_H
#define FEATUREPROC_TEST_UTIL_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gst/common/scalar.h"

// A pipeline description of one or more elements in a harness, with a bus that keeps its errors.
class Stage {
 public:
  explicit Stage(const char *description)
      : harness_(gst_harness_new_parse(description)), bus_(gst_bus_new()) {
    gst_element_set_bus(harness_->element, bus_);
  }
  ~Stage() {
    gst_element_set_bus(harness_->element, nullptr);
    gst_object_unref(bus_);
    gst_harness_teardown(harness_);
  }
  Stage(const Stage &) = delete;
  Stage &operator=(const Stage &) = delete;

  GstHarness *harness() { return harness_; }

  // Sends caps as they are, right or wrong.
  gboolean caps(const char *text) {
    if (!started_) {
      gst_harness_push_event(harness_, gst_event_new_stream_start("test"));
      started_ = true;
    }
    GstCaps *caps = gst_caps_from_string(text);
    fail_unless(caps != nullptr, "%s", text);
    const gboolean taken = gst_harness_push_event(harness_, gst_event_new_caps(caps));
    gst_caps_unref(caps);
    if (!segment_) {
      GstSegment segment;
      gst_segment_init(&segment, GST_FORMAT_TIME);
      gst_harness_push_event(harness_, gst_event_new_segment(&segment));
      segment_ = true;
    }
    return taken;
  }

  template <class T>
  GstFlowReturn push(const std::vector<T> &values, GstClockTime pts = GST_CLOCK_TIME_NONE) {
    GstBuffer *buffer = gst_buffer_new_allocate(nullptr, values.size() * sizeof(T), nullptr);
    if (!values.empty()) gst_buffer_fill(buffer, 0, values.data(), values.size() * sizeof(T));
    GST_BUFFER_PTS(buffer) = pts;
    return gst_harness_push(harness_, buffer);
  }

  // The next buffer, nullptr where there is none.
  GstBuffer *pull() { return gst_harness_try_pull(harness_); }

  template <class T>
  std::vector<T> pull_values() {
    GstBuffer *buffer = pull();
    if (buffer == nullptr) {
      const std::string text = error();
      fail("no buffer: %s", text.c_str());
    }
    const gsize size = gst_buffer_get_size(buffer);
    fail_unless_equals_int(size % sizeof(T), 0);
    std::vector<T> values(size / sizeof(T));
    if (size > 0) fail_unless_equals_int(gst_buffer_extract(buffer, 0, values.data(), size), size);
    gst_buffer_unref(buffer);
    return values;
  }

  // Pushes one tensor and pulls what becomes of it.
  template <class Out, class In>
  std::vector<Out> run(const std::vector<In> &values) {
    const GstFlowReturn flow = push(values);
    if (flow != GST_FLOW_OK) {
      const std::string text = error();
      fail("flow %s: %s", gst_flow_get_name(flow), text.c_str());
    }
    return pull_values<Out>();
  }

  // The caps of the output are these, neither more nor less.
  void check_output_caps(const char *text) {
    GstCaps *expected = gst_caps_from_string(text);
    GstCaps *actual = gst_pad_get_current_caps(harness_->sinkpad);
    gchar *actual_text = gst_caps_to_string(actual);
    fail_unless(expected != nullptr && actual != nullptr, "%s", text);
    fail_unless(gst_caps_is_strictly_equal(actual, expected), "%s\n  instead of\n%s", actual_text,
                text);
    g_free(actual_text);
    gst_caps_unref(actual);
    gst_caps_unref(expected);
  }

  // Texts of the errors posted since the last call.
  std::vector<std::string> errors() {
    std::vector<std::string> texts;
    while (GstMessage *message = gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR)) {
      GError *error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      texts.emplace_back(error->message);
      g_error_free(error);
      gst_message_unref(message);
    }
    return texts;
  }

  // The first of them, "" for none.
  std::string error() {
    const std::vector<std::string> texts = errors();
    return texts.empty() ? std::string() : texts.front();
  }

  void check_error(const char *part) {
    const std::string text = error();
    fail_unless(text.find(part) != std::string::npos, "'%s' is not in '%s'", part, text.c_str());
  }

  void set(const char *element, const char *property, const char *value) {
    GstElement *target = gst_bin_get_by_name(GST_BIN(harness_->element), element);
    fail_unless(target != nullptr, "no element %s", element);
    gst_util_set_object_arg(G_OBJECT(target), property, value);
    gst_object_unref(target);
  }

 private:
  GstHarness *harness_;
  GstBus *bus_;
  bool started_ = false;
  bool segment_ = false;
};

// Caps refused with a message, by an element with these settings.
struct BadCaps {
  const char *description;
  const char *caps;
  const char *message;
};

inline void check_bad_caps(const BadCaps &bad) {
  Stage stage(bad.description);
  stage.caps(bad.caps);
  fail_if(stage.push(std::vector<guint8>(24)) == GST_FLOW_OK, "%s takes %s", bad.description,
          bad.caps);
  // Once, although the caps come again with every buffer and event behind them.
  gst_harness_push_event(stage.harness(), gst_event_new_eos());
  const std::vector<std::string> texts = stage.errors();
  fail_unless_equals_int(texts.size(), 1);
  fail_unless(texts[0].find(bad.message) != std::string::npos, "'%s' is not in '%s'", bad.message,
              texts[0].c_str());
}

// Elements that have no caps in common cannot be linked.
inline void check_no_link(const char *description) {
  GError *error = nullptr;
  GstElement *bin = gst_parse_bin_from_description_full(description, FALSE, nullptr,
                                                        GST_PARSE_FLAG_FATAL_ERRORS, &error);
  fail_unless(g_error_matches(error, GST_PARSE_ERROR, GST_PARSE_ERROR_LINK), "%s: %s", description,
              error != nullptr ? error->message : "no error");
  g_clear_error(&error);
  if (bin != nullptr) gst_object_unref(bin);
}

// Flush and EOS pass, and data flows after the flush as before.
template <class Out, class In>
void check_flush_and_eos(Stage *stage, const std::vector<In> &values) {
  const std::vector<Out> before = stage->run<Out>(values);
  fail_unless(gst_harness_push_event(stage->harness(), gst_event_new_flush_start()));
  fail_unless_equals_int(stage->push(values), GST_FLOW_FLUSHING);
  fail_unless(gst_harness_push_event(stage->harness(), gst_event_new_flush_stop(TRUE)));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  fail_unless(gst_harness_push_event(stage->harness(), gst_event_new_segment(&segment)));
  fail_unless(stage->run<Out>(values) == before);
  fail_unless(gst_harness_push_event(stage->harness(), gst_event_new_eos()));
  bool eos = false;
  while (GstEvent *event = gst_harness_try_pull_event(stage->harness())) {
    eos = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
    gst_event_unref(event);
  }
  fail_unless(eos);
  fail_unless_equals_int(stage->push(values), GST_FLOW_EOS);
}

inline float half(double value) {
  return feat::half_to_float(feat::half_from_double(value));
}

// Random values of about a feature's spread, with some far outside every range.
inline std::vector<float> feature_values(gsize n, double spread, guint seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, spread);
  std::vector<float> values(n);
  for (float &value : values) value = static_cast<float>(normal(random));
  for (gsize i = 0; i < n; i += 97) values[i] = i % 2 != 0 ? -542.3F : 94.14F;
  return values;
}

inline std::vector<guint16> to_halves(const std::vector<float> &values) {
  std::vector<guint16> halves;
  for (const float value : values) halves.push_back(feat::half_from_double(value));
  return halves;
}

// The reference software's arithmetic, as NumPy carries it out on float32 and on float16.
inline guint floor_code_f32(float x, double min, double max, guint bits) {
  const double scale = ((1 << bits) - 1) / (max - min);
  const float low = static_cast<float>(min);
  const float high = static_cast<float>(max);
  x = std::min(std::max(x, low), high);
  const float difference = x - low;
  const float product = difference * static_cast<float>(scale);
  return static_cast<guint>(std::min(product, static_cast<float>((1 << bits) - 1)));
}

inline guint floor_code_f16(guint16 bits16, double min, double max, guint bits) {
  const double scale = ((1 << bits) - 1) / (max - min);
  float x = feat::half_to_float(bits16);
  x = std::min(std::max(x, half(min)), half(max));
  // Where half precision gives a code too many, or infinity, the last one stands.
  const float product = half(half(x - half(min)) * half(scale));
  return static_cast<guint>(std::min(product, static_cast<float>((1 << bits) - 1)));
}

inline float floor_value(guint code, double min, double max, guint bits) {
  const double scale = ((1 << bits) - 1) / (max - min);
  const float quotient = static_cast<float>(code) / static_cast<float>(scale);
  return quotient + static_cast<float>(min);
}

inline guint nearest_code(double x, double min, double max, guint bits) {
  const double levels = (1 << bits) - 1;
  x = std::min(std::max(x, min), max);
  return static_cast<guint>(std::nearbyint((x - min) * (levels / (max - min))));
}

inline double nearest_value(guint code, double min, double max, guint bits) {
  const double levels = (1 << bits) - 1;
  return code * ((max - min) / levels) + min;
}

#endif /* FEATUREPROC_TEST_UTIL_H */
