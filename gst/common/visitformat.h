// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_COMMON_VISITFORMAT_H
#define GST_COMMON_VISITFORMAT_H

#include <gst/feature/gstfeatureenums.h>

#include "gst/common/scalar.h"

namespace feat {

/// Calls `function` with the Scalar type of a format: visit_format(f, [&](auto s) {
/// decltype(s)::load(p); }). Returns false for an unknown format, without a call.
template <typename Function>
bool visit_format(GstFeatureFormat format, Function &&function) {
  switch (format) {
    case GST_FEATURE_FORMAT_F32LE:
      function(Scalar<float>{});
      return true;
    case GST_FEATURE_FORMAT_F16LE:
      function(Half{});
      return true;
    case GST_FEATURE_FORMAT_BF16LE:
      function(BFloat16{});
      return true;
    case GST_FEATURE_FORMAT_F64LE:
      function(Scalar<double>{});
      return true;
    case GST_FEATURE_FORMAT_U8:
      function(Scalar<uint8_t>{});
      return true;
    case GST_FEATURE_FORMAT_S8:
      function(Scalar<int8_t>{});
      return true;
    case GST_FEATURE_FORMAT_U16LE:
      function(Scalar<uint16_t>{});
      return true;
    case GST_FEATURE_FORMAT_S16LE:
      function(Scalar<int16_t>{});
      return true;
    case GST_FEATURE_FORMAT_U32LE:
      function(Scalar<uint32_t>{});
      return true;
    case GST_FEATURE_FORMAT_S32LE:
      function(Scalar<int32_t>{});
      return true;
    case GST_FEATURE_FORMAT_U64LE:
      function(Scalar<uint64_t>{});
      return true;
    case GST_FEATURE_FORMAT_S64LE:
      function(Scalar<int64_t>{});
      return true;
    case GST_FEATURE_FORMAT_UNKNOWN:
      break;
  }
  return false;
}

}  // namespace feat

#endif  // GST_COMMON_VISITFORMAT_H
