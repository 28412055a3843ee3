// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/unit_typefind.h"

#include <algorithm>

#include "codecs/hyperprior/hyperprior_codec.h"
#include "ext/hyperprior/hyperprior_caps.h"

static GstStaticCaps hyperprior_caps = GST_STATIC_CAPS(HYPERPRIOR_CAPS_NAME);

// The checksum needs the model, so that a header that fits together has to do.
static guint probability_of(GstTypeFind *find) {
  constexpr size_t kHead = 16;
  constexpr size_t kMostPeeked = 1 << 24;
  const guint8 *data = gst_type_find_peek(find, 0, kHead);
  if (data == nullptr) return GST_TYPE_FIND_NONE;
  size_t wanted = 0;
  const ptrdiff_t length = feat::hyperprior::find_unit({data, kHead}, wanted);
  if (length < 0) return GST_TYPE_FIND_NONE;
  const size_t size = length > 0 ? static_cast<size_t>(length) : wanted;
  if (size > kMostPeeked) return GST_TYPE_FIND_POSSIBLE;
  data = gst_type_find_peek(find, 0, static_cast<guint>(size));
  if (data == nullptr) return GST_TYPE_FIND_POSSIBLE;
  using Code = feat::hyperprior::Status::Code;
  feat::hyperprior::UnitInfo info;
  switch (
      feat::hyperprior::read_info({data, size}, feat::hyperprior::kDefaultMaxPoints, info).code) {
    case Code::kOk:
      return GST_TYPE_FIND_NEARLY_CERTAIN;
    case Code::kLimit:
    case Code::kUnsupported:
      return GST_TYPE_FIND_POSSIBLE;
    default:
      return GST_TYPE_FIND_NONE;
  }
}

static void feature_hyperprior_type_find(GstTypeFind *find, gpointer) {
  const guint probability = probability_of(find);
  if (probability > GST_TYPE_FIND_NONE)
    gst_type_find_suggest_empty_simple(find, probability, HYPERPRIOR_CAPS_NAME);
}

GST_TYPE_FIND_REGISTER_DEFINE(featurehyperprior, HYPERPRIOR_CAPS_NAME, GST_RANK_PRIMARY,
                              feature_hyperprior_type_find, "hyp",
                              gst_static_caps_get(&hyperprior_caps), nullptr, nullptr);
