// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a unit says of its tensor and what libgstfeature says of the same. The codec keeps shape and
// format; all that goes beyond them (task, quantisation) is a description that travels in the unit.
#pragma once

#include <string>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "gst/common/gstcpp.h"
#include "gst/common/sentence.h"

#define FEATURE_CODED_CAPS_NAME "application/x-feature-coded"

namespace feat {

// Caps of tensors with every format that the codec has.
CapsPtr codable_tensor_caps();

// A sentence on what is wrong, or empty.
std::string tensor_of(const GstFeatureInfo *info, native::TensorInfo &tensor);

// CBOR as in docs/bitstream.md, with as little as can be in it: the shape is left empty where no
// range goes along one of its dimensions, the format is that of the values before quantisation, or
// F32LE. Empty where shape and format say everything.
std::vector<uint8_t> description_of(const GstFeatureInfo *info);

// The description of the tensor in a unit; null, with a message, if it is damaged.
InfoPtr info_of(const native::UnitInfo &unit, std::string &message);

// Whether both describe the same tensor, however often it comes.
bool same_tensor(const GstFeatureInfo *a, const GstFeatureInfo *b);

}  // namespace feat
