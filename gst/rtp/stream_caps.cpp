// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/stream_caps.h"

#include <array>
#include <cstring>

namespace feat::rtp {

namespace {

struct Kind {
  const char *name;
  const char *media_type;
};

// By UnitKind.
constexpr std::array<Kind, kUnitKinds> kKinds = {{
    {"tensor", GST_FEATURE_TENSOR_CAPS_NAME},
    {"h266", "video/x-h266"},
    {"hyperprior", "application/x-feature-hyperprior"},
    {"coded", "application/x-feature-coded"},
}};

const Kind &kind_of(UnitKind kind) {
  return kKinds[static_cast<size_t>(kind)];
}

void read_text(const GstStructure *s, const char *name, std::string &text) {
  const gchar *value = gst_structure_get_string(s, name);
  if (value != nullptr && is_fact_text(value)) text = value;
}

// Positive numbers, of either sign of type.
void read_number(const GstStructure *s, const char *name, uint32_t &number) {
  gint value = 0;
  guint unsigned_value = 0;
  if (gst_structure_get_int(s, name, &value) && value > 0)
    number = static_cast<uint32_t>(value);
  else if (gst_structure_get_uint(s, name, &unsigned_value) && unsigned_value <= G_MAXINT)
    number = unsigned_value;
}

void read_fraction(const GstStructure *s, const char *name, Fraction &fraction) {
  gint n = 0;
  gint d = 0;
  if (!gst_structure_get_fraction(s, name, &n, &d) || n < 0 || d <= 0) return;
  fraction = {static_cast<uint32_t>(n), static_cast<uint32_t>(d)};
}

void write_text(GstStructure *s, const char *name, const std::string &text) {
  if (!text.empty()) gst_structure_set(s, name, G_TYPE_STRING, text.c_str(), nullptr);
}

void write_number(GstStructure *s, const char *name, GType type, uint32_t number) {
  if (number > 0) gst_structure_set(s, name, type, number, nullptr);
}

void write_fraction(GstStructure *s, const char *name, const Fraction &fraction) {
  if (fraction.denominator == 0) return;
  gst_structure_set(s, name, GST_TYPE_FRACTION, static_cast<gint>(fraction.numerator),
                    static_cast<gint>(fraction.denominator), nullptr);
}

}  // namespace

const char *kind_name(UnitKind kind) {
  return kind_of(kind).name;
}

bool kind_from_name(const char *name, UnitKind &kind) {
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (std::strcmp(kKinds[i].name, name) != 0) continue;
    kind = static_cast<UnitKind>(i);
    return true;
  }
  return false;
}

std::string read_caps(const GstCaps *caps, StreamCaps &stream) {
  const GstStructure *s = gst_caps_get_structure(caps, 0);
  size_t kind = 0;
  while (kind < kKinds.size() && !gst_structure_has_name(s, kKinds[kind].media_type)) ++kind;
  if (kind == kKinds.size())
    return std::string("A stream of ") + gst_structure_get_name(s) + " is not one of features.";
  stream.kind = static_cast<UnitKind>(kind);
  if (stream.kind == UnitKind::kTensor || gst_feature_caps_has_info(caps)) {
    ErrorSlot error;
    stream.info.reset(gst_feature_info_from_caps(caps, error.out()));
    if (!stream.info)
      return std::string("The feature description in the caps is wrong: ") + error.message() + ".";
  }
  read_fraction(s, "framerate", stream.facts.framerate);
  if (stream.kind != UnitKind::kH266) return {};
  StreamFacts &facts = stream.facts;
  read_fraction(s, "pixel-aspect-ratio", facts.pixel_aspect_ratio);
  if (facts.pixel_aspect_ratio.numerator == 0) facts.pixel_aspect_ratio = {};
  read_number(s, "width", facts.width);
  read_number(s, "height", facts.height);
  read_text(s, "profile", facts.profile);
  read_text(s, "tier", facts.tier);
  read_text(s, "level", facts.level);
  read_text(s, "chroma-format", facts.chroma_format);
  read_number(s, "bit-depth-luma", facts.bit_depth_luma);
  read_number(s, "bit-depth-chroma", facts.bit_depth_chroma);
  return {};
}

std::vector<uint8_t> write_configuration(const StreamCaps &stream) {
  if (!stream.info) return write_configuration(stream.facts, {});
  const BytesPtr cbor(gst_feature_info_to_cbor(stream.info.get()));
  gsize size = 0;
  const auto *data = static_cast<const uint8_t *>(g_bytes_get_data(cbor.get(), &size));
  return write_configuration(stream.facts, {data, size});
}

std::string read_configuration(UnitKind kind, Bytes configuration, guint64 max_points,
                               StreamCaps &stream) {
  stream.kind = kind;
  stream.info.reset();
  Bytes description;
  if (const char *wrong = read_configuration(configuration, stream.facts, description))
    return wrong;
  if (description.empty())
    return kind == UnitKind::kTensor ? "a tensor has no description" : std::string();
  ErrorSlot error;
  stream.info.reset(
      gst_feature_info_from_cbor(description.data(), description.size(), error.out()));
  if (!stream.info || !gst_feature_info_validate(stream.info.get(), max_points, error.out()))
    return error.message();
  if (kind == UnitKind::kTensor &&
      gst_feature_info_get_packing(stream.info.get()) != GST_FEATURE_PACKING_NONE)
    return "a tensor is described as packed";
  return {};
}

CapsPtr write_caps(const StreamCaps &stream) {
  const StreamFacts &facts = stream.facts;
  CapsPtr caps;
  if (stream.kind == UnitKind::kTensor) {
    caps.reset(gst_feature_info_to_caps(stream.info.get()));
  } else {
    caps.reset(gst_caps_new_empty_simple(kind_of(stream.kind).media_type));
    if (stream.info) gst_feature_caps_set_info(caps.get(), stream.info.get());
  }
  GstStructure *s = gst_caps_get_structure(caps.get(), 0);
  write_fraction(s, "framerate", facts.framerate);
  if (stream.kind == UnitKind::kTensor) return caps;
  if (stream.kind != UnitKind::kH266) {
    write_text(s, "alignment", "unit");
    return caps;
  }
  write_text(s, "stream-format", "byte-stream");
  write_text(s, "alignment", "au");
  write_fraction(s, "pixel-aspect-ratio", facts.pixel_aspect_ratio);
  write_number(s, "width", G_TYPE_INT, facts.width);
  write_number(s, "height", G_TYPE_INT, facts.height);
  write_text(s, "profile", facts.profile);
  write_text(s, "tier", facts.tier);
  write_text(s, "level", facts.level);
  write_text(s, "chroma-format", facts.chroma_format);
  write_number(s, "bit-depth-luma", G_TYPE_UINT, facts.bit_depth_luma);
  write_number(s, "bit-depth-chroma", G_TYPE_UINT, facts.bit_depth_chroma);
  return caps;
}

}  // namespace feat::rtp
