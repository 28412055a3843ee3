// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/unit_typefind.h"

#include <algorithm>

#include "codecs/feature/feature_codec.h"
#include "gst/codec/unit_description.h"

static GstStaticCaps coded_caps = GST_STATIC_CAPS(FEATURE_CODED_CAPS_NAME);

// The first bytes of a unit say little; the checksum behind them says it all, unless a profile is
// part of it.
static guint probability_of(GstTypeFind *find) {
  constexpr size_t kHead = 8;
  constexpr size_t kMostPeeked = 1 << 24;
  const guint8 *data = gst_type_find_peek(find, 0, kHead);
  if (data == nullptr) return GST_TYPE_FIND_NONE;
  size_t wanted = 0;
  const ptrdiff_t length = feat::native::find_unit({data, kHead}, wanted);
  if (length < 0) return GST_TYPE_FIND_NONE;
  const size_t size = length > 0 ? static_cast<size_t>(length) : wanted;
  if (size > kMostPeeked) return GST_TYPE_FIND_POSSIBLE;
  data = gst_type_find_peek(find, 0, static_cast<guint>(size));
  if (data == nullptr) return GST_TYPE_FIND_POSSIBLE;
  using Code = feat::native::Status::Code;
  feat::native::UnitInfo info;
  switch (feat::native::Decoder().read_info({data, size}, info).code) {
    case Code::kOk:
      return info.profile_id == 0 ? GST_TYPE_FIND_MAXIMUM : GST_TYPE_FIND_LIKELY;
    case Code::kLimit:
    case Code::kUnsupported:
      return GST_TYPE_FIND_POSSIBLE;
    default:
      return GST_TYPE_FIND_NONE;
  }
}

static void feature_coded_type_find(GstTypeFind *find, gpointer) {
  const guint probability = probability_of(find);
  if (probability > GST_TYPE_FIND_NONE)
    gst_type_find_suggest_empty_simple(find, probability, FEATURE_CODED_CAPS_NAME);
}

GST_TYPE_FIND_REGISTER_DEFINE(featurecoded, FEATURE_CODED_CAPS_NAME, GST_RANK_PRIMARY,
                              feature_coded_type_find, "feat", gst_static_caps_get(&coded_caps),
                              nullptr, nullptr);
