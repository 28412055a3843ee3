// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the tests of featureenc and featuredec share: tensors, units, profiles.
#pragma once

// The standard library first: check.h has a macro fail().
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/profile.h"
#include "tests/check/folder.h"
#include "tests/check/vvcfeat_util.h"

#include "gst/common/visitformat.h"

namespace test {

using Bytes = std::vector<guint8>;
using Units = std::vector<Bytes>;

constexpr char kCodedCaps[] = "application/x-feature-coded";
constexpr char kUnitCaps[] = "application/x-feature-coded, alignment=unit";

inline const GstFeatureFormat kFormats[] = {GST_FEATURE_FORMAT_F32LE,  GST_FEATURE_FORMAT_F16LE,
                                            GST_FEATURE_FORMAT_BF16LE, GST_FEATURE_FORMAT_U8,
                                            GST_FEATURE_FORMAT_S8,     GST_FEATURE_FORMAT_U16LE,
                                            GST_FEATURE_FORMAT_S16LE,  GST_FEATURE_FORMAT_S32LE};

inline InfoPtr tensor_info(const std::vector<gint> &shape,
                           GstFeatureFormat format = GST_FEATURE_FORMAT_F32LE) {
  InfoPtr info(gst_feature_info_new());
  fail_unless(
      gst_feature_info_set_shape(info.get(), shape.data(), static_cast<guint>(shape.size())));
  gst_feature_info_set_format(info.get(), format);
  return info;
}

inline InfoPtr quantized_info(const std::vector<gint> &shape, guint bits) {
  InfoPtr info = tensor_info(shape, GST_FEATURE_FORMAT_F16LE);
  const gdouble low = -20.0;
  const gdouble high = 24.5;
  fail_unless(gst_feature_info_set_quantization(info.get(), bits, GST_FEATURE_ROUNDING_FLOOR,
                                                GST_FEATURE_FORMAT_F16LE));
  fail_unless(gst_feature_info_set_ranges(info.get(), -1, &low, &high, 1, nullptr));
  return info;
}

// Values as features have them: a slow part, noise, and a few far outside the rest.
inline Bytes tensor_bytes(const GstFeatureInfo *info, unsigned seed = 1) {
  const guint64 points = gst_feature_info_get_n_points(info);
  const guint bits = gst_feature_info_get_bit_depth(info);
  Bytes bytes(gst_feature_info_get_size(info));
  guint32 noise = seed * 2654435761U + 12345;
  feat::visit_format(gst_feature_info_get_format(info), [&](auto s) {
    for (guint64 i = 0; i < points; i++) {
      noise = noise * 1664525U + 1013904223U;
      double value = 6 * std::sin(static_cast<double>(i) * 0.07) + (noise >> 24) / 64.0;
      if ((noise & 0xff00) == 0) value *= 10;
      if (bits > 0) value = std::clamp((value + 20) / 60, 0.0, 1.0) * ((1 << bits) - 1);
      s.store(bytes.data() + i * s.kSize, value);
    }
  });
  return bytes;
}

inline std::vector<double> values_of(const GstFeatureInfo *info, const Bytes &bytes) {
  std::vector<double> values;
  feat::visit_format(gst_feature_info_get_format(info), [&](auto s) {
    for (size_t i = 0; i + s.kSize <= bytes.size(); i += s.kSize)
      values.push_back(s.load(bytes.data() + i));
  });
  return values;
}

inline double mse_of(const GstFeatureInfo *info, const Bytes &a, const Bytes &b) {
  const auto x = values_of(info, a);
  const auto y = values_of(info, b);
  fail_unless_equals_int(static_cast<int>(x.size()), static_cast<int>(y.size()));
  double sum = 0;
  for (size_t i = 0; i < x.size(); i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

// (gst_buffer_new_memdup() makes nothing of nothing.)
inline GstBuffer *buffer_with(const Bytes &bytes, GstClockTime pts = GST_CLOCK_TIME_NONE) {
  GstBuffer *buffer = bytes.empty() ? gst_buffer_new() : buffer_of(bytes);
  GST_BUFFER_PTS(buffer) = pts;
  return buffer;
}

inline void set_caps(GstHarness *h, const GstFeatureInfo *info) {
  gst_harness_set_src_caps(h, gst_feature_info_to_caps(info));
}

inline Bytes pull(GstHarness *h) {
  GstBuffer *out = gst_harness_pull(h);
  fail_unless(out != nullptr);
  Bytes bytes = bytes_of(out);
  gst_buffer_unref(out);
  return bytes;
}

// Units of tensors of seeds 1, 2, ...
inline Units encode(const GstFeatureInfo *info, int count,
                    const std::string &properties = "lossless=true") {
  GstHarness *h = harness_of("featureenc " + properties, true);
  set_caps(h, info);
  Units units;
  for (int i = 0; i < count; i++) {
    const Bytes bytes = tensor_bytes(info, static_cast<unsigned>(i + 1));
    fail_unless_equals_int(gst_harness_push(h, buffer_with(bytes)), GST_FLOW_OK);
    units.push_back(pull(h));
  }
  gst_harness_teardown(h);
  return units;
}

inline Bytes concatenated(const Units &units) {
  Bytes all;
  for (const Bytes &unit : units) all.insert(all.end(), unit.begin(), unit.end());
  return all;
}

// The caps of the tensors that came out.
inline InfoPtr info_out(GstHarness *h) {
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  fail_unless(caps != nullptr);
  InfoPtr info(gst_feature_info_from_caps(caps, nullptr));
  fail_unless(info != nullptr, "caps are %" GST_PTR_FORMAT, caps);
  gst_caps_unref(caps);
  return info;
}

// The file of a profile for features of so many channels; other seeds have other hashes.
inline Bytes profile_file(guint32 channels, unsigned seed = 1) {
  feat::native::ProfileData data;
  data.name = "test " + std::to_string(seed);
  data.channels = data.components = channels;
  for (guint32 k = 0; k < channels; k++) {
    data.mean.push_back(0.25F * static_cast<float>(seed));
    data.deviations.push_back(4.0F / static_cast<float>(k + 1));
    data.correlations.push_back(0);
    for (guint32 c = 0; c < channels; c++) {  // DCT-II
      const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / channels);
      data.basis.push_back(static_cast<float>(
          scale * std::cos(M_PI * (c + 0.5) * static_cast<double>(k) / channels)));
    }
  }
  Bytes file;
  const auto status = feat::native::Profile::write(data, file);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return file;
}

inline guint64 hash_of(const Bytes &file) {
  std::shared_ptr<const feat::native::Profile> profile;
  const auto status = feat::native::Profile::parse(file, profile);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return profile->hash();
}

inline std::string hex(guint64 value, int digits) {
  gchar *text = g_strdup_printf("%0*" G_GINT64_MODIFIER "x", digits, value);
  std::string result = text;
  g_free(text);
  return result;
}

inline feat::native::UnitInfo unit_info(const Bytes &unit) {
  feat::native::UnitInfo info;
  const auto status = feat::native::Decoder().read_info(unit, info);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return info;
}

// The caps events that came out, in order, as descriptions.
inline std::vector<InfoPtr> caps_events(GstHarness *h) {
  std::vector<InfoPtr> all;
  while (GstEvent *event = gst_harness_try_pull_event(h)) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
      GstCaps *caps = nullptr;
      gst_event_parse_caps(event, &caps);
      all.emplace_back(gst_feature_info_from_caps(caps, nullptr));
      fail_unless(all.back() != nullptr);
    }
    gst_event_unref(event);
  }
  return all;
}

}  // namespace test
