// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Caps of feature streams, and the configuration that says the same in RTP.
#pragma once

#include <string>
#include <vector>

#include "gst/common/gstcpp.h"
#include "gst/rtp/feature_configuration.h"

namespace feat::rtp {

inline constexpr char kEncodingName[] = "X-FEATURE";
inline constexpr int kClockRate = 90000;

// Of pads that take or give feature streams.
inline constexpr char kStreamCaps[] =
    "application/x-feature-tensor; "
    "video/x-h266, stream-format = (string) byte-stream, alignment = (string) au; "
    "application/x-feature-hyperprior, alignment = (string) unit; "
    "application/x-feature-coded, alignment = (string) unit";

// As in SDP: tensor, h266, hyperprior, coded.
const char *kind_name(UnitKind kind);
bool kind_from_name(const char *name, UnitKind &kind);

struct StreamCaps {
  UnitKind kind = UnitKind::kTensor;
  InfoPtr info;  // null where a coded stream has none
  StreamFacts facts;
};

// Each returns a sentence on what is wrong, empty if nothing is.
std::string read_caps(const GstCaps *caps, StreamCaps &stream);
std::string read_configuration(UnitKind kind, Bytes configuration, guint64 max_points,
                               StreamCaps &stream);

std::vector<uint8_t> write_configuration(const StreamCaps &stream);
CapsPtr write_caps(const StreamCaps &stream);

}  // namespace feat::rtp
