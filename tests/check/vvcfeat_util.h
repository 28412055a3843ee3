// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the tests of vvcfeatenc and vvcfeatdec share: descriptions, frames, harness shortcuts.
#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <string>
#include <vector>

#include "gst/common/gstcpp.h"

namespace test {

using feat::CapsPtr;
using feat::InfoPtr;

// A tensor of shape (1, 1, rows, columns), F32LE quantised to `bits` in [-20, 20], stacked.
inline InfoPtr make_info(int rows, int columns, guint bits = 10) {
  InfoPtr info(gst_feature_info_new());
  const gint shape[] = {1, 1, rows, columns};
  const gdouble low = -20.0;
  const gdouble high = 20.0;
  gst_feature_info_set_format(info.get(), GST_FEATURE_FORMAT_F32LE);
  fail_unless(gst_feature_info_set_shape(info.get(), shape, 4));
  fail_unless(gst_feature_info_set_quantization(info.get(), bits, GST_FEATURE_ROUNDING_NEAREST,
                                                GST_FEATURE_FORMAT_F32LE));
  fail_unless(gst_feature_info_set_ranges(info.get(), -1, &low, &high, 1, nullptr));
  fail_unless(gst_feature_info_set_packing(info.get(), GST_FEATURE_PACKING_STACK, 0, 0));
  return info;
}

inline CapsPtr frame_caps(const char *format, int width, int height, const GstFeatureInfo *info) {
  CapsPtr caps(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, "width",
                                   G_TYPE_INT, width, "height", G_TYPE_INT, height, "framerate",
                                   GST_TYPE_FRACTION, 0, 1, nullptr));
  gst_feature_caps_set_info(caps.get(), info);
  return caps;
}

// Code values of a smooth but not trivial picture, right-justified.
inline std::vector<guint16> content(int width, int height, int bits, unsigned seed = 1) {
  std::vector<guint16> v;
  v.reserve(static_cast<size_t>(width * height));
  guint32 noise = seed * 2654435761U;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      noise = noise * 1664525U + 1013904223U;
      const int value = (1 << (bits - 1)) + 3 * x - 2 * y + static_cast<int>(noise >> 28);
      v.push_back(static_cast<guint16>(CLAMP(value, 0, (1 << bits) - 1)));
    }
  }
  return v;
}

// A frame of GRAY16_LE (left-justified) or GRAY8, with the strides of GstVideoInfo.
inline GstBuffer *frame(const std::vector<guint16> &samples, int width, int height, int bits,
                        bool gray8 = false) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, gray8 ? GST_VIDEO_FORMAT_GRAY8 : GST_VIDEO_FORMAT_GRAY16_LE,
                            static_cast<guint>(width), static_cast<guint>(height));
  GstBuffer *buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
  gst_buffer_memset(buffer, 0, 0, info.size);
  feat::MappedBuffer map(buffer, GST_MAP_WRITE);
  for (int y = 0; y < height; y++) {
    guint8 *row = map.data() + static_cast<gsize>(y) * GST_VIDEO_INFO_PLANE_STRIDE(&info, 0);
    for (int x = 0; x < width; x++) {
      const guint16 value = samples[static_cast<size_t>(y * width + x)];
      if (gray8) {
        row[x] = static_cast<guint8>(value << (8 - bits));
      } else {
        GST_WRITE_UINT16_LE(row + 2 * x, static_cast<guint16>(value << (16 - bits)));
      }
    }
  }
  return buffer;
}

// The samples of such a frame, right-justified again.
inline std::vector<guint16> samples_of(GstBuffer *buffer, int width, int height, int bits,
                                       bool gray8 = false) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, gray8 ? GST_VIDEO_FORMAT_GRAY8 : GST_VIDEO_FORMAT_GRAY16_LE,
                            static_cast<guint>(width), static_cast<guint>(height));
  const feat::MappedBuffer map(buffer, GST_MAP_READ);
  fail_unless(map.size() >= info.size);
  std::vector<guint16> v;
  for (int y = 0; y < height; y++) {
    const guint8 *row = map.data() + static_cast<gsize>(y) * GST_VIDEO_INFO_PLANE_STRIDE(&info, 0);
    for (int x = 0; x < width; x++) {
      v.push_back(static_cast<guint16>(gray8 ? row[x] >> (8 - bits)
                                             : GST_READ_UINT16_LE(row + 2 * x) >> (16 - bits)));
    }
  }
  return v;
}

inline std::vector<guint8> bytes_of(GstBuffer *buffer) {
  const feat::MappedBuffer map(buffer, GST_MAP_READ);
  return {map.data(), map.data() + map.size()};
}

inline GstBuffer *buffer_of(const std::vector<guint8> &bytes) {
  return gst_buffer_new_memdup(bytes.data(), bytes.size());
}

// The caps that left a harness's element describe this feature.
inline void expect_info(GstHarness *h, const InfoPtr &info) {
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  const InfoPtr out(gst_feature_info_from_caps(caps, nullptr));
  fail_unless(out && gst_feature_info_is_equal(out.get(), info.get()));
  gst_caps_unref(caps);
}

// Collects the messages of a harness's element.
class Bus {
 public:
  explicit Bus(GstHarness *h) : bus_(gst_bus_new()) { gst_element_set_bus(h->element, bus_); }
  ~Bus() {
    gst_bus_set_flushing(bus_, TRUE);  // messages left over hold the element, which holds the bus
    gst_object_unref(bus_);
  }
  Bus(const Bus &) = delete;
  Bus &operator=(const Bus &) = delete;

  // Text of the next error or warning, empty if there is none.
  std::string next(GstMessageType type) {
    GstMessage *message = gst_bus_pop_filtered(bus_, type);
    if (message == nullptr) return {};
    GError *error = nullptr;
    if (type == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, &error, nullptr);
    } else {
      gst_message_parse_warning(message, &error, nullptr);
    }
    std::string text = error->message;
    g_error_free(error);
    gst_message_unref(message);
    return text;
  }

 private:
  GstBus *bus_;
};

inline guint64 stat(GstHarness *h, const char *name) {
  GstStructure *stats = nullptr;
  g_object_get(h->element, "stats", &stats, nullptr);
  guint64 value = 0;
  fail_unless(gst_structure_get_uint64(stats, name, &value), "no %s in stats", name);
  gst_structure_free(stats);
  return value;
}

inline double stat_double(GstHarness *h, const char *name) {
  GstStructure *stats = nullptr;
  g_object_get(h->element, "stats", &stats, nullptr);
  gdouble value = 0;
  fail_unless(gst_structure_get_double(stats, name, &value), "no %s in stats", name);
  gst_structure_free(stats);
  return value;
}

inline void flush(GstHarness *h) {
  gst_harness_push_event(h, gst_event_new_flush_start());
  gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(h, gst_event_new_segment(&segment));
}

// A harness of one element, its properties set before it starts: "vvcfeatenc threads=2". A source
// that is not live lets it have several frames in work.
inline GstHarness *harness_of(const std::string &description, bool live) {
  static GstStaticPadTemplate source =
      GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
  static GstStaticPadTemplate sink =
      GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
  GstElement *element = gst_parse_launch(description.c_str(), nullptr);
  fail_unless(element != nullptr, "%s", description.c_str());
  GstHarness *h = gst_harness_new_empty();
  gst_harness_set_live(h, live);
  gst_harness_add_element_full(h, element, &source, "sink", &sink, "src");
  gst_object_unref(element);
  return h;
}

// Coded units of `frames` (content of seeds 1, 2, ...), one buffer each.
inline std::vector<std::vector<guint8>> encode(int width, int height, int frames, int qp,
                                               const GstFeatureInfo *info, int bits = 10,
                                               int config_interval = -1) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  g_object_set(h->element, "qp", qp, "config-interval", config_interval, nullptr);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", width, height, info).release());
  std::vector<std::vector<guint8>> units;
  for (int i = 0; i < frames; i++) {
    const auto samples = content(width, height, bits, static_cast<unsigned>(i + 1));
    fail_unless_equals_int(gst_harness_push(h, frame(samples, width, height, bits)), GST_FLOW_OK);
    GstBuffer *out = gst_harness_pull(h);
    units.push_back(bytes_of(out));
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
  return units;
}

// The unit with a CRC-32 in its description that is another one.
inline std::vector<guint8> with_wrong_crc(std::vector<guint8> unit) {
  size_t slice = unit.size() - 1;  // its start code ends the SEI message's NAL unit
  for (size_t i = 0; i + 4 < unit.size() && slice == unit.size() - 1; i++) {
    if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1 && unit[i + 4] >> 3 < 12) slice = i;
  }
  fail_unless(slice > 3 && unit[slice - 1] == 0x80);
  unit[slice - 3] ^= 0x40;  // ahead of it the trailing bits and the CRC's last byte
  return unit;
}

}  // namespace test
