/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RTPFEATURE_TEST_UTIL_H
#define RTPFEATURE_TEST_UTIL_H

// The standard library first: check.h has a macro fail().
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/rtp/gstrtpbuffer.h>

#include "gst/common/gstcpp.h"

#define TENSOR "application/x-feature-tensor, "

using Packets = std::vector<feat::BufferPtr>;

// An element in a harness, with a bus that keeps its messages.
class Unit {
 public:
  // As gst-launch would have it: a name and properties, or several elements.
  explicit Unit(const char *description) : bus_(gst_bus_new()) {
    GstElement *element = strchr(description, '!') != nullptr
                              ? gst_parse_bin_from_description(description, TRUE, nullptr)
                              : gst_parse_launch(description, nullptr);
    fail_unless(element != nullptr, "%s", description);
    gst_object_ref_sink(element);
    gst_element_set_bus(element, bus_);
    harness_ = gst_harness_new_with_element(element, "sink", "src");
    gst_object_unref(element);
  }
  ~Unit() {
    gst_element_set_bus(harness_->element, nullptr);
    for (GstMessage *message : messages_) gst_message_unref(message);
    gst_object_unref(bus_);
    gst_harness_teardown(harness_);
  }
  Unit(const Unit &) = delete;
  Unit &operator=(const Unit &) = delete;

  GstHarness *operator*() { return harness_; }
  GstElement *element() { return harness_->element; }

  void caps(const char *text) {
    GstCaps *caps = gst_caps_from_string(text);
    fail_unless(caps != nullptr, "%s", text);
    gst_harness_set_src_caps(harness_, caps);
  }

  GstFlowReturn push(const std::vector<guint8> &bytes, GstClockTime pts = GST_CLOCK_TIME_NONE,
                     GstClockTime duration = GST_CLOCK_TIME_NONE) {
    GstBuffer *buffer = gst_buffer_new_allocate(nullptr, bytes.size(), nullptr);
    if (!bytes.empty()) gst_buffer_fill(buffer, 0, bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer) = pts;
    GST_BUFFER_DURATION(buffer) = duration;
    return gst_harness_push(harness_, buffer);
  }
  GstFlowReturn push(const feat::BufferPtr &packet) {
    return gst_harness_push(harness_, gst_buffer_copy(packet.get()));
  }
  void push(const Packets &packets) {
    for (const feat::BufferPtr &packet : packets) fail_unless_equals_int(push(packet), GST_FLOW_OK);
  }
  void event(GstEvent *event) { gst_harness_push_event(harness_, event); }

  Packets pull_all() {
    Packets buffers;
    while (GstBuffer *buffer = gst_harness_try_pull(harness_)) buffers.emplace_back(buffer);
    return buffers;
  }
  feat::CapsPtr output_caps() {
    feat::CapsPtr caps(gst_pad_get_current_caps(harness_->sinkpad));
    fail_unless(caps != nullptr);
    return caps;
  }
  void check_output_caps(const char *text) {
    const feat::CapsPtr expected(gst_caps_from_string(text));
    const feat::CapsPtr actual = output_caps();
    const feat::CharPtr actual_text(gst_caps_to_string(actual.get()));
    fail_unless(gst_caps_is_equal(actual.get(), expected.get()), "%s\n  instead of\n%s",
                actual_text.get(), text);
  }

  // Texts of the messages of this type posted since the last call.
  std::vector<std::string> messages(GstMessageType type) {
    while (GstMessage *message = gst_bus_pop(bus_)) messages_.push_back(message);
    std::vector<std::string> texts;
    for (GstMessage *&message : messages_) {
      if (GST_MESSAGE_TYPE(message) != type) continue;
      GError *error = nullptr;
      if (type == GST_MESSAGE_WARNING) gst_message_parse_warning(message, &error, nullptr);
      if (type == GST_MESSAGE_ERROR) gst_message_parse_error(message, &error, nullptr);
      const GstStructure *structure = gst_message_get_structure(message);
      texts.emplace_back(error != nullptr       ? error->message
                         : structure != nullptr ? gst_structure_get_name(structure)
                                                : "");
      g_clear_error(&error);
      g_clear_pointer(&message, gst_message_unref);
    }
    std::erase(messages_, nullptr);
    return texts;
  }
  std::vector<std::string> warnings() { return messages(GST_MESSAGE_WARNING); }
  std::string error() {
    const std::vector<std::string> texts = messages(GST_MESSAGE_ERROR);
    return texts.empty() ? std::string() : texts.front();
  }

  // A figure of `stats`.
  guint64 stat(const char *name) {
    GstStructure *stats = nullptr;
    g_object_get(element(), "stats", &stats, nullptr);
    guint64 value = 0;
    fail_unless(gst_structure_get_uint64(stats, name, &value), "no %s", name);
    gst_structure_free(stats);
    return value;
  }

  // The GAP events that came out since the last call.
  std::vector<std::pair<GstClockTime, GstClockTime>> gaps() {
    std::vector<std::pair<GstClockTime, GstClockTime>> found;
    while (GstEvent *event = gst_harness_try_pull_event(harness_)) {
      if (GST_EVENT_TYPE(event) == GST_EVENT_GAP) {
        GstClockTime start = 0;
        GstClockTime duration = 0;
        gst_event_parse_gap(event, &start, &duration);
        found.emplace_back(start, duration);
      }
      gst_event_unref(event);
    }
    return found;
  }

 private:
  GstHarness *harness_;
  GstBus *bus_;
  std::vector<GstMessage *> messages_;  // taken from the bus, not yet asked for
};

inline std::vector<guint8> bytes_of(const feat::BufferPtr &buffer) {
  std::vector<guint8> bytes(gst_buffer_get_size(buffer.get()));
  if (!bytes.empty()) gst_buffer_extract(buffer.get(), 0, bytes.data(), bytes.size());
  return bytes;
}

// Different for each seed.
inline std::vector<guint8> content(gsize size, guint8 seed = 0) {
  std::vector<guint8> bytes(size);
  for (gsize i = 0; i < size; ++i) bytes[i] = static_cast<guint8>(i * 7 + (i >> 8) + seed * 31u);
  return bytes;
}

// A packet as it comes from a network: one memory, no flags, the time of arrival.
inline feat::BufferPtr as_received(const feat::BufferPtr &packet) {
  const std::vector<guint8> bytes = bytes_of(packet);
  feat::BufferPtr copy(gst_buffer_new_memdup(bytes.data(), bytes.size()));
  GST_BUFFER_PTS(copy.get()) = GST_BUFFER_PTS(packet.get());
  return copy;
}

// Whether the plugin with this element was built.
inline bool have_element(const char *name) {
  GstElementFactory *factory = gst_element_factory_find(name);
  const bool have = factory != nullptr;
  g_clear_pointer(&factory, gst_object_unref);
  return have;
}

// A sender and a receiver between which a test stands.
class Link {
 public:
  explicit Link(const char *pay = "rtpfeaturepay", const char *depay = "rtpfeaturedepay")
      : pay(pay), depay(depay) {}

  // The packets of one unit.
  Packets packets(const std::vector<guint8> &unit, GstClockTime pts = GST_CLOCK_TIME_NONE) {
    fail_unless_equals_int(pay.push(unit, pts), GST_FLOW_OK);
    return take();
  }
  Packets take() {
    Packets packets = pay.pull_all();
    for (feat::BufferPtr &packet : packets) packet = as_received(packet);
    return packets;
  }
  // Tells the receiver what an SDP would, or only the encoding.
  void connect(bool with_parameters = true) {
    if (with_parameters)
      gst_harness_set_src_caps(*depay, pay.output_caps().release());
    else
      depay.caps("application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE");
  }

  Unit pay;
  Unit depay;
};

#endif /* RTPFEATURE_TEST_UTIL_H */
