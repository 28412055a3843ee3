// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Between the tensors of streams and those of LibTorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codecs/torch/torch_model.h"
#include "gst/common/gstcpp.h"

namespace feat {

// Caps of tensors with these formats; the list ends with GST_FEATURE_FORMAT_UNKNOWN.
CapsPtr tensor_caps(const GstFeatureFormat *formats);
extern const GstFeatureFormat kTorchFormats[];  // that LibTorch has
extern const GstFeatureFormat kFloatFormats[];

// The description of what a model gave.
InfoPtr info_of(const TorchTensor &tensor);
std::string shape_of(const TorchTensor &tensor);
std::string shape_of(const GstFeatureInfo *info);
size_t points_of(const TorchTensor &tensor);

// The tensor of a stream as a model's edge takes it: as it is, but tokens as 64-bit integers of
// shape (1,T). It lies in `memory`.
TorchTensor edge_input(const GstFeatureInfo *info, std::span<const uint8_t> data,
                       std::vector<uint8_t> &memory);
// As a head takes it: float32.
TorchTensor head_input(const GstFeatureInfo *info, std::span<const uint8_t> data,
                       std::vector<uint8_t> &memory);
// The numbers that a model gave, as float32; in `memory` if they are of another type.
std::span<const float> floats_of(const TorchTensor &tensor, std::vector<float> &memory);

// What is wrong with a buffer of so many bytes, without a stop; empty if all is well.
std::string wrong_size(const GstFeatureInfo *info, gsize bytes);

// What is no number in a model's output, as a sentence without a stop; empty if all is well.
std::string non_finite_of(std::span<const float> values, bool infinity_allowed);
std::string non_finite_of(const TorchTensor &tensor);

// The description in caps of a tensor for a model; null: the error is a sentence.
InfoPtr info_for_model(const GstCaps *caps, guint64 max_points, std::string &error);

}  // namespace feat
