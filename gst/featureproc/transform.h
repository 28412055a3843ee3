// SPDX-License-Identifier: LGPL-2.1-or-later
// What the five processing elements have in common: caps, errors, allocation.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/feature/gstfeature.h>

#include <functional>

#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "kernels/element.h"
#include "kernels/ranges.h"

namespace feat {

enum NonFinitePolicy { NON_FINITE_ERROR, NON_FINITE_CLAMP };
GType non_finite_policy_get_type();

// Element of a known format.
Element element_of(GstFeatureFormat format);
// The tensor cut along a dimension, -1 for none.
AxisLayout axis_layout(const GstFeatureInfo *info, gint axis);

// Caps of tensors with the formats of a table that ends with GST_FEATURE_FORMAT_UNKNOWN.
GstCaps *tensor_caps(const GstFeatureFormat *formats);
extern const GstFeatureFormat kAllFormats[];
extern const GstFeatureFormat kCodeFormats[];  // U8 and U16LE

void set_format_list(GstStructure *s, const char *field, const GstFeatureFormat *formats);

// Takes the fields of a quantisation off a structure of tensor caps.
void remove_quantization(GstStructure *s);
// Sets every field of the description's tensor caps in s; nothing else changes.
void merge_info(GstStructure *s, const GstFeatureInfo *info);
// The description a structure of tensor caps holds, nullptr where it is not one fixed tensor.
InfoPtr info_of_structure(const GstStructure *s, GError **error = nullptr);
// Applies change to a copy of each structure, drops what the result has already, and filters.
GstCaps *map_caps(const GstCaps *caps, const GstCaps *filter,
                  const std::function<void(const GstStructure *, GstCaps *)> &change);

// Lets caps of the template's media type reach the CAPS event, where a wrong field is named; the
// default would refuse them without a word.
gboolean accept_caps(GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps);

// Bytes of a tensor, or of a picture without gaps, of these caps.
gboolean get_unit_size(GstBaseTransform *trans, GstCaps *caps, gsize *size);

// Posts what is wrong with the stream's caps or with the settings for them. Returns FALSE.
gboolean post_caps_error(Refusal *refusal, gpointer element, const ErrorSlot &error);
GstFlowReturn post_size_error(gpointer element, guint64 buffer, gsize size,
                              const GstFeatureInfo *info);
GstFlowReturn post_map_error(gpointer element, guint64 buffer);
GstFlowReturn post_non_finite(gpointer element, guint64 buffer, const NonFinite &found);

// Answers an allocation query with a pool for the tensor of its caps.
gboolean propose_tensor_pool(GstQuery *query);
// Adds a pool of buffers of at least size bytes to an answered query, or enlarges the one there.
void ensure_pool(GstQuery *query, GstCaps *caps, gsize size);

CharPtr shape_text(const GstFeatureInfo *info);

// The names gst-inspect shows are static strings; this makes the common flags of a property.
inline constexpr GParamFlags kPropertyFlags = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
GParamSpec *max_points_spec();
GParamSpec *non_finite_spec();

}  // namespace feat
