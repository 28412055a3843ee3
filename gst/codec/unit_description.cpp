// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/unit_description.h"

#include <algorithm>
#include <array>

namespace feat {

namespace {

// By native::Format.
constexpr std::array<GstFeatureFormat, native::kFormats> kFormats = {
    GST_FEATURE_FORMAT_F32LE, GST_FEATURE_FORMAT_F16LE, GST_FEATURE_FORMAT_BF16LE,
    GST_FEATURE_FORMAT_U8,    GST_FEATURE_FORMAT_S8,    GST_FEATURE_FORMAT_U16LE,
    GST_FEATURE_FORMAT_S16LE, GST_FEATURE_FORMAT_S32LE,
};

bool set_shape(GstFeatureInfo *info, const std::vector<uint32_t> &shape, std::string &message) {
  std::array<gint, GST_FEATURE_MAX_DIMS> dims{};
  for (size_t i = 0; i < shape.size(); i++) {
    if (i >= dims.size() || shape[i] > G_MAXINT) {
      message = i >= dims.size() ? "it has more than 8 dimensions"
                                 : "dimension " + std::to_string(i) + " is " +
                                       std::to_string(shape[i]) + ", more than 2147483647";
      return false;
    }
    dims[i] = static_cast<gint>(shape[i]);
  }
  return gst_feature_info_set_shape(info, dims.data(), static_cast<guint>(shape.size())) != FALSE;
}

bool has_shape(const GstFeatureInfo *info, const std::vector<uint32_t> &shape) {
  guint n = 0;
  const gint *dims = gst_feature_info_get_shape(info, &n);
  return n == shape.size() && std::equal(shape.begin(), shape.end(), dims, [](uint32_t a, gint b) {
           return b >= 0 && a == static_cast<uint32_t>(b);
         });
}

}  // namespace

CapsPtr codable_tensor_caps() {
  CapsPtr caps(gst_caps_new_empty_simple(GST_FEATURE_TENSOR_CAPS_NAME));
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (const GstFeatureFormat format : kFormats) {
    GValue name = G_VALUE_INIT;
    g_value_init(&name, G_TYPE_STRING);
    g_value_set_static_string(&name, gst_feature_format_to_string(format));
    gst_value_list_append_and_take_value(&list, &name);
  }
  gst_structure_take_value(gst_caps_get_structure(caps.get(), 0), "format", &list);
  return caps;
}

std::string tensor_of(const GstFeatureInfo *info, native::TensorInfo &tensor) {
  const GstFeatureFormat format = gst_feature_info_get_format(info);
  const auto *found = std::find(kFormats.begin(), kFormats.end(), format);
  if (found == kFormats.end()) {
    return std::string("Tensors of format ") + gst_feature_format_to_string(format) +
           " cannot be coded; the formats are F32LE, F16LE, BF16LE, U8, S8, U16LE, S16LE and "
           "S32LE.";
  }
  tensor.format = static_cast<native::Format>(found - kFormats.begin());
  guint n = 0;
  const gint *shape = gst_feature_info_get_shape(info, &n);
  tensor.shape.assign(shape, shape + n);
  return {};
}

std::vector<uint8_t> description_of(const GstFeatureInfo *info) {
  const bool quantized = gst_feature_info_is_quantized(info) != FALSE;
  if (!quantized && gst_feature_info_get_task(info) == GST_FEATURE_TASK_NONE) return {};
  const InfoPtr least(gst_feature_info_copy(info));
  if (!quantized) gst_feature_info_set_format(least.get(), GST_FEATURE_FORMAT_F32LE);
  if (gst_feature_info_get_range_axis(info) < 0)
    gst_feature_info_set_shape(least.get(), nullptr, 0);
  const BytesPtr cbor(gst_feature_info_to_cbor(least.get()));
  gsize size = 0;
  const auto *data = static_cast<const uint8_t *>(g_bytes_get_data(cbor.get(), &size));
  return {data, data + size};
}

InfoPtr info_of(const native::UnitInfo &unit, std::string &message) {
  const GstFeatureFormat format = kFormats[static_cast<size_t>(unit.tensor.format)];
  const std::vector<uint32_t> &shape = unit.tensor.shape;
  ErrorSlot error;
  InfoPtr info;
  if (unit.description.empty()) {
    info.reset(gst_feature_info_new());
    gst_feature_info_set_format(info.get(), format);
    if (!set_shape(info.get(), shape, message)) return nullptr;
  } else {
    info.reset(
        gst_feature_info_from_cbor(unit.description.data(), unit.description.size(), error.out()));
    if (!info) {
      message = std::string("its description is wrong: ") + error.message();
      return nullptr;
    }
    guint n_dims = 0;
    gst_feature_info_get_shape(info.get(), &n_dims);
    if (n_dims == 0) {
      if (!set_shape(info.get(), shape, message)) return nullptr;
    } else if (!has_shape(info.get(), shape)) {
      message = "its description has another shape";
      return nullptr;
    }
    if (gst_feature_info_get_packing(info.get()) != GST_FEATURE_PACKING_NONE) {
      message = "its description is that of a picture";
      return nullptr;
    }
    if (!gst_feature_info_is_quantized(info.get())) {
      gst_feature_info_set_format(info.get(), format);
    } else if (gst_feature_info_get_format(info.get()) != format) {
      message = std::string("its values are ") + gst_feature_format_to_string(format) +
                ", its description is of a tensor quantised to " +
                std::to_string(gst_feature_info_get_bit_depth(info.get())) + " bits";
      return nullptr;
    }
  }
  if (!gst_feature_info_validate(info.get(), 0, error.out())) {
    message = error.message();
    return nullptr;
  }
  return info;
}

bool same_tensor(const GstFeatureInfo *a, const GstFeatureInfo *b) {
  const InfoPtr plain_a(gst_feature_info_copy(a));
  const InfoPtr plain_b(gst_feature_info_copy(b));
  for (GstFeatureInfo *info : {plain_a.get(), plain_b.get()})
    gst_feature_info_set_framerate(info, 0, 1);
  return gst_feature_info_is_equal(plain_a.get(), plain_b.get()) != FALSE;
}

}  // namespace feat
