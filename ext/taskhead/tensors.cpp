// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/tensors.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "gst/common/visitformat.h"

namespace feat {

namespace {

struct FormatPair {
  GstFeatureFormat format;
  TorchElement element;
};
constexpr FormatPair kPairs[] = {
    {GST_FEATURE_FORMAT_F32LE, TorchElement::f32},   {GST_FEATURE_FORMAT_F16LE, TorchElement::f16},
    {GST_FEATURE_FORMAT_BF16LE, TorchElement::bf16}, {GST_FEATURE_FORMAT_F64LE, TorchElement::f64},
    {GST_FEATURE_FORMAT_U8, TorchElement::u8},       {GST_FEATURE_FORMAT_S8, TorchElement::s8},
    {GST_FEATURE_FORMAT_S16LE, TorchElement::s16},   {GST_FEATURE_FORMAT_S32LE, TorchElement::s32},
    {GST_FEATURE_FORMAT_S64LE, TorchElement::s64},
};

TorchElement element_of(GstFeatureFormat format) {
  for (const FormatPair &pair : kPairs)
    if (pair.format == format) return pair.element;
  return TorchElement::f32;
}

GstFeatureFormat format_of(TorchElement element) {
  for (const FormatPair &pair : kPairs)
    if (pair.element == element) return pair.format;
  return GST_FEATURE_FORMAT_UNKNOWN;
}

TorchTensor with_shape(const GstFeatureInfo *info) {
  TorchTensor tensor;
  guint n = 0;
  const gint *shape = gst_feature_info_get_shape(info, &n);
  tensor.dims = static_cast<int>(n);
  for (guint i = 0; i < n; ++i) tensor.shape[i] = shape[i];
  return tensor;
}

// Stores every element of a stream's tensor as a T.
template <typename T>
void convert(const GstFeatureInfo *info, std::span<const uint8_t> data,
             std::vector<uint8_t> &memory) {
  const size_t points = gst_feature_info_get_n_points(info);
  memory.resize(points * sizeof(T));
  visit_format(gst_feature_info_get_format(info), [&](auto scalar) {
    using S = decltype(scalar);
    for (size_t i = 0; i < points; ++i) {
      const T value = static_cast<T>(S::load(data.data() + i * S::kSize));
      std::memcpy(memory.data() + i * sizeof(T), &value, sizeof(T));
    }
  });
}

// `value(i)` for each i below n.
template <typename Value>
std::string non_finite(size_t n, const Value &value, bool infinity_allowed) {
  size_t count = 0;
  size_t first = 0;
  for (size_t i = 0; i < n; ++i) {
    const double v = value(i);
    if (std::isfinite(v) || (infinity_allowed && std::isinf(v))) continue;
    if (count++ == 0) first = i;
  }
  if (count == 0) return {};
  return std::to_string(count) + " of " + std::to_string(n) + " values are NaN" +
         (infinity_allowed ? "" : " or infinite") + ", the first at index " + std::to_string(first);
}

void use(TorchTensor &tensor, std::span<const uint8_t> memory) {
  tensor.data = memory.data();
  tensor.bytes = memory.size();
}

}  // namespace

const GstFeatureFormat kTorchFormats[] = {GST_FEATURE_FORMAT_F32LE,  GST_FEATURE_FORMAT_F16LE,
                                          GST_FEATURE_FORMAT_BF16LE, GST_FEATURE_FORMAT_F64LE,
                                          GST_FEATURE_FORMAT_U8,     GST_FEATURE_FORMAT_S8,
                                          GST_FEATURE_FORMAT_S16LE,  GST_FEATURE_FORMAT_S32LE,
                                          GST_FEATURE_FORMAT_S64LE,  GST_FEATURE_FORMAT_UNKNOWN};
const GstFeatureFormat kFloatFormats[] = {GST_FEATURE_FORMAT_F32LE, GST_FEATURE_FORMAT_F16LE,
                                          GST_FEATURE_FORMAT_BF16LE, GST_FEATURE_FORMAT_F64LE,
                                          GST_FEATURE_FORMAT_UNKNOWN};

CapsPtr tensor_caps(const GstFeatureFormat *formats) {
  CapsPtr caps(gst_caps_new_empty_simple(GST_FEATURE_TENSOR_CAPS_NAME));
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (; *formats != GST_FEATURE_FORMAT_UNKNOWN; ++formats) {
    GValue name = G_VALUE_INIT;
    g_value_init(&name, G_TYPE_STRING);
    g_value_set_static_string(&name, gst_feature_format_to_string(*formats));
    gst_value_list_append_and_take_value(&list, &name);
  }
  gst_structure_take_value(gst_caps_get_structure(caps.get(), 0), "format", &list);
  return caps;
}

InfoPtr info_of(const TorchTensor &tensor) {
  InfoPtr info(gst_feature_info_new());
  gint shape[kMaxTorchDims];
  for (int i = 0; i < tensor.dims; ++i)
    shape[i] = tensor.shape[i] > G_MAXINT ? 0 : static_cast<gint>(tensor.shape[i]);
  gst_feature_info_set_shape(info.get(), shape, static_cast<guint>(tensor.dims));
  gst_feature_info_set_format(info.get(), format_of(tensor.element));
  return info;
}

std::string shape_of(const TorchTensor &tensor) {
  std::string text = "(";
  for (int i = 0; i < tensor.dims; ++i)
    text += (i > 0 ? "," : "") + std::to_string(tensor.shape[i]);
  return text + ")";
}

std::string shape_of(const GstFeatureInfo *info) {
  return shape_of(with_shape(info));
}

size_t points_of(const TorchTensor &tensor) {
  size_t points = 1;
  for (int i = 0; i < tensor.dims; ++i) points *= static_cast<size_t>(tensor.shape[i]);
  return points;
}

TorchTensor edge_input(const GstFeatureInfo *info, std::span<const uint8_t> data,
                       std::vector<uint8_t> &memory) {
  TorchTensor tensor = with_shape(info);
  const GstFeatureFormat format = gst_feature_info_get_format(info);
  tensor.element = element_of(format);
  if (format == GST_FEATURE_FORMAT_S32LE || format == GST_FEATURE_FORMAT_S64LE) {
    if (tensor.dims == 1) {
      tensor.dims = 2;
      tensor.shape[1] = std::exchange(tensor.shape[0], 1);
    }
    tensor.element = TorchElement::s64;
  }
  if (format == GST_FEATURE_FORMAT_S32LE)
    convert<int64_t>(info, data, memory);
  else
    memory.assign(data.begin(), data.end());
  use(tensor, memory);
  return tensor;
}

TorchTensor head_input(const GstFeatureInfo *info, std::span<const uint8_t> data,
                       std::vector<uint8_t> &memory) {
  TorchTensor tensor = with_shape(info);
  tensor.element = TorchElement::f32;
  convert<float>(info, data, memory);
  use(tensor, memory);
  return tensor;
}

std::span<const float> floats_of(const TorchTensor &tensor, std::vector<float> &memory) {
  const size_t points = points_of(tensor);
  if (tensor.element == TorchElement::f32) return {static_cast<const float *>(tensor.data), points};
  memory.resize(points);
  visit_format(format_of(tensor.element), [&](auto scalar) {
    using S = decltype(scalar);
    const auto *data = static_cast<const uint8_t *>(tensor.data);
    for (size_t i = 0; i < points; ++i)
      memory[i] = static_cast<float>(S::load(data + i * S::kSize));
  });
  return memory;
}

std::string wrong_size(const GstFeatureInfo *info, gsize bytes) {
  const gsize size = gst_feature_info_get_size(info);
  if (bytes == size) return {};
  return "it has " + std::to_string(bytes) + " bytes; a tensor of shape " + shape_of(info) +
         " and format " + gst_feature_format_to_string(gst_feature_info_get_format(info)) +
         " has " + std::to_string(size);
}

std::string non_finite_of(std::span<const float> values, bool infinity_allowed) {
  return non_finite(
      values.size(), [&](size_t i) { return static_cast<double>(values[i]); }, infinity_allowed);
}

std::string non_finite_of(const TorchTensor &tensor) {
  std::string text;
  const auto *data = static_cast<const uint8_t *>(tensor.data);
  visit_format(format_of(tensor.element), [&](auto scalar) {
    using S = decltype(scalar);
    text = non_finite(
        points_of(tensor), [&](size_t i) { return S::load(data + i * S::kSize); }, false);
  });
  return text;
}

InfoPtr info_for_model(const GstCaps *caps, guint64 max_points, std::string &error) {
  ErrorSlot slot;
  InfoPtr info(gst_feature_info_from_caps(caps, slot.out()));
  if (info && gst_feature_info_validate(info.get(), max_points, slot.out())) {
    if (gst_feature_info_is_quantized(info.get()))
      error = "The tensor is quantised; models take what featuredequant makes of it.";
    else if (gst_feature_info_get_n_points(info.get()) == 0)
      error = "The tensor has the shape " + shape_of(info.get()) + ": there is nothing in it.";
    else
      return info;
  } else {
    error = std::string(slot.message()) + ".";
  }
  return nullptr;
}

}  // namespace feat
