// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The configuration that travels with units (docs/rtp-payload.md): facts of the stream that the
// description of the tensor lacks, then that description.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gst/rtp/feature_payload.h"

namespace feat::rtp {

struct Fraction {
  uint32_t numerator = 0;
  uint32_t denominator = 0;  // 0: absent
};

// What H.266 caps say besides the description. 0 or "": absent.
struct StreamFacts {
  Fraction framerate;
  Fraction pixel_aspect_ratio;
  uint32_t width = 0;
  uint32_t height = 0;
  std::string profile;
  std::string tier;
  std::string level;
  std::string chroma_format;
  uint32_t bit_depth_luma = 0;
  uint32_t bit_depth_chroma = 0;
};

// Longer or other texts than names of profiles and the like are left out and refused: 32 letters,
// digits, and - _ . :
bool is_fact_text(const std::string &text);

std::vector<uint8_t> write_configuration(const StreamFacts &facts, Bytes description);
// Returns nullptr, or what is wrong.
const char *read_configuration(Bytes configuration, StreamFacts &facts, Bytes &description);

}  // namespace feat::rtp
