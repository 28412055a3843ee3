// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What SDP says of an H.266 stream over RTP (RFC 9328 section 7), in the fields of caps.
#pragma once

#include <gst/gst.h>

#include <string>

#include "gst/common/gstcpp.h"
#include "gst/rtp/vvc_parameter_sets.h"

namespace feat::vvcrtp {

// The fields for a stream with these parameter sets.
StructurePtr to_sdp_fields(const ParameterSets &sets);

// Reads them; false with a sentence if the stream is one that cannot be received.
bool from_sdp_fields(const GstStructure *fields, ParameterSets &sets, std::string &message);

}  // namespace feat::vvcrtp
